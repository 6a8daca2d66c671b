package dev.stocktake.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.stocktake.fixture.BuiltJar;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartArchiveTest {
    @TempDir
    private Path folder;

    @Test
    void theJvmTakesTheClassesOfTheBuiltJarFromTheArchive() {
        assumeThat(System.getProperty("java.vm.name"))
                .as("a JVM that can make one")
                .containsAnyOf("HotSpot", "OpenJDK");
        assertThat(StartArchive.FILE).exists();

        // this way it would rather not start than do without
        BuiltJar.Result started = help("-XX:SharedArchiveFile=" + StartArchive.FILE, "-Xshare:on", "-Xlog:class+load");

        assertThat(started.exitStatus()).isZero();
        assertThat(started.output())
                .containsPattern("dev\\.stocktake\\.CleanupAssetsCommand source: shared objects file");
    }

    @Test
    void anArchiveThatIsNotThereIsDoneWithoutAndNothingSaidOnStandardOutput() {
        Path missing = folder.resolve("missing.jsa");

        BuiltJar.Result started = help("-XX:SharedArchiveFile=" + missing);

        assertThat(started).isEqualTo(help());
    }

    @Test
    void anArchiveOfAnotherJarIsDoneWithoutAndNothingSaidOnStandardOutput() throws Exception {
        Path other = Files.writeString(folder.resolve("other.jsa"), "no archive");

        BuiltJar.Result started = help("-XX:SharedArchiveFile=" + other, "-Xlog:disable", "-Xlog:all=warning:stderr");

        assertThat(started.exitStatus()).isZero();
        assertThat(started.output()).isEqualTo(help().output());
    }

    private BuiltJar.Result help(String... jvmOptions) {
        return new BuiltJar(folder, Map.of()).under(jvmOptions).run("cleanup-assets", "--help");
    }
}
