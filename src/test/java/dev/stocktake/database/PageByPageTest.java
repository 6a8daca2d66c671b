package dev.stocktake.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PageByPageTest {
    @ParameterizedTest(name = "{0} rows by {1} take {2} pages")
    @CsvSource({"0, 3, 1", "1, 3, 1", "2, 3, 1", "3, 3, 2", "4, 3, 2", "6, 3, 3", "7, 3, 3", "5, 1, 6"})
    void readsEveryRowOnceAndNoPageBehindAShortOne(int rows, int size, int pages) {
        List<Integer> askedAfter = new ArrayList<>();
        PageByPage<Integer> all = new PageByPage<>(size, last -> {
            askedAfter.add(last);
            int from = last == null ? 0 : last + 1;
            return IntStream.range(from, Math.min(rows, from + size)).boxed().toList();
        });

        List<Integer> read = new ArrayList<>();
        all.forEachRemaining(read::add);

        assertThat(read).isEqualTo(IntStream.range(0, rows).boxed().toList());
        assertThat(askedAfter).hasSize(pages);
        assertThat(all.hasNext()).isFalse();
        assertThatThrownBy(all::next).isInstanceOf(NoSuchElementException.class);
        assertThat(askedAfter).hasSize(pages);
    }
}
