package dev.stocktake.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stocktake.compare.AssetRecord;
import dev.stocktake.compare.Cursor;
import dev.stocktake.compare.KeySpace;
import dev.stocktake.compare.Range;
import dev.stocktake.compare.RecordsMarker;
import dev.stocktake.compare.RecordsPage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecordsQueryTest {
    @ParameterizedTest
    @ValueSource(
            strings = {"", "  ", "\n", ";", "-- nothing", "/* ; */ ;", "SELECT 1; SELECT 2", "SELECT ';'; DROP TABLE a"
            })
    void whatIsNotOneSelectIsRefused(String sql) {
        assertThatThrownBy(() -> new RecordsQuery(sql))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the records query must be one SELECT, was: \"" + sql + "\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "SELECT 1; -- the end ; | SELECT 1",
                "SELECT ';' ; /* a /* nested ; */ ; */ ;; | SELECT ';'",
                "SELECT $$;$$, $a$ ; $b$ ; $a$ | SELECT $$;$$, $a$ ; $b$ ; $a$",
                "SELECT \";\", E'\\';' | SELECT \";\", E'\\';'",
            })
    void aSemicolonThatEndsItIsTakenOffAndNoOther(String written, String sql) {
        assertThat(new RecordsQuery(written).sql()).isEqualTo(sql);
    }

    @Test
    void aQuestionMarkIsNoParameterWhereverItStands() {
        assertThat(new RecordsQuery("SELECT data ? 'a?b' /* ? */ || \"c?\" ?| x $q$?$q$ -- ?\n ?& y").prepared())
                .isEqualTo("(SELECT data ?? 'a?b' /* ? */ || \"c?\" ??| x $q$?$q$ -- ?\n ??& y)");
    }

    @Test
    void onlyTwoWordsMayStandBesideIt() {
        assertThat(new RecordsQuery("SELECT 1", "filtered").isFiltered()).isTrue();
        assertThat(new RecordsQuery("SELECT 1", "filtered").hash())
                .isNotEqualTo(new RecordsQuery("SELECT 1", "all").hash())
                .isNotEqualTo(new RecordsQuery("SELECT 1").hash());
        assertThatThrownBy(() -> new RecordsQuery("SELECT 1", "some"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the word beside the records query must be all or filtered, was: \"some\"");
    }

    @Test
    void aPageSaysWhereItWasAskedFromAndKeepsItsRows() {
        KeySpace space = new KeySpace("");
        Cursor cursor = Cursor.atStartOf(new Range(3, "b", space.end()), "", null, Duration.ZERO);
        List<AssetRecord> rows = new ArrayList<>(List.of(new AssetRecord("c", "1", null, null, null)));

        RecordsPage page = new RecordsQuery("SELECT 1").page(cursor, rows);
        rows.clear();

        assertThat(page)
                .isEqualTo(new RecordsPage(
                        new RecordsMarker("b", null), List.of(new AssetRecord("c", "1", null, null, null))));
    }
}
