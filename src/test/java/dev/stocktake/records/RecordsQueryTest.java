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
import org.junit.jupiter.params.provider.ValueSource;

class RecordsQueryTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "  ", "\n", "SELECT 1;", "SELECT 1; \n"})
    void aQueryThatCannotStandInsideAnotherIsRefused(String sql) {
        assertThatThrownBy(() -> new RecordsQuery(sql))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("one SELECT without a semicolon")
                .hasMessageEndingWith("was: \"" + sql + "\"");
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
