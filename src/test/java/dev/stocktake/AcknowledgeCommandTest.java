package dev.stocktake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.BuiltJar;
import dev.stocktake.fixture.InProcess;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AcknowledgeCommandTest {
    private final Assets assets = Assets.empty();

    @TempDir
    private Path folder;

    @Test
    void printsWhatWasOddAndThatItCountsFromNowOn() {
        List<String> matched =
                IntStream.range(0, 100).mapToObj(i -> "matched-" + i).toList();
        assets.objects(matched).records(matched);
        assets.objects(IntStream.range(0, 12).mapToObj(i -> "users/" + i).toList());
        InProcess commands = commands();
        commands.run("cleanup-assets");
        String run = assets.database()
                .sql()
                .sql("SELECT id::text FROM stocktake.run")
                .query(String.class)
                .single();

        BuiltJar.Result wrong = commands.run("acknowledge", "--run", run, "--reason", " ");
        assertThat(wrong.exitStatus()).isEqualTo(2);
        assertThat(wrong.errors()).contains("--reason must say why").doesNotContain("Exception");

        BuiltJar.Result done = commands.run("acknowledge", "--run", run, "--reason", "nobody needs them");
        assertThat(done.exitStatus()).as(done.errors()).isZero();
        assertThat(done.output())
                .contains("Run: " + run)
                .contains("SUSPICIOUS: Nothing in the folder \"users/\" matches")
                .contains("acknowledged by " + System.getProperty("user.name") + ", command line at 20")
                .contains(": nobody needs them\n")
                .contains("It counts from now on")
                .contains("the folder \"users/\"");
        assertThat(done.errors()).contains("is SUSPICIOUS, but acknowledged by");

        BuiltJar.Result again = commands.run("acknowledge", "--run", run, "--reason", "x");
        assertThat(again.exitStatus()).isEqualTo(4);
        assertThat(again.errors()).contains("is already acknowledged by").doesNotContain("Exception");
    }

    @Test
    void helpSaysWhatItDoesAndEveryExitStatus() {
        assertThat(commands().run("acknowledge", "--help").output())
                .contains("--run=ID", "--reason=TEXT", "Exit status:")
                .contains("  0  acknowledged", "  2  wrong usage", "  3  could not", "  4  refused");
        BuiltJar.Result noId = commands().run("acknowledge", "--run", "x", "--reason", "why");
        assertThat(noId.exitStatus()).isEqualTo(2);
        assertThat(noId.errors()).contains("--run", "must be an id as reports and plans have it", "was: \"x\"");
    }

    private InProcess commands() {
        Map<String, String> environment = assets.environment();
        environment.put("STOCKTAKE_ROUTES", Path.of("routes").toAbsolutePath().toString());
        return new InProcess(folder, environment);
    }
}
