package dev.stocktake.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** README's first command. */
class DemoTest {
    @Test
    void theDemoPrintsTheReportOfTheExample() throws Exception {
        assertThat(outputOf())
                .contains("✅ All 150 DB records have corresponding files", "⚠️  Found 3 orphaned files:")
                .endsWith("Orphaned files: 3\nOrphaned records: 0\n");
    }

    @Test
    void awkwardKeysAreFoundAsTheyAre() throws Exception {
        assertThat(outputOf("awkward-keys"))
                .contains("✅ All 157 DB records have corresponding files", "⚠️  Found 10 orphaned files:")
                .contains("  - awkward/tab\\there.png", "  - awkward/=1+1.csv", "  - awkward/100%.png");
    }

    private static String outputOf(String... arguments) throws Exception {
        PrintStream standardOutput = System.out;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            Demo.main(arguments);
        } finally {
            System.setOut(standardOutput);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
