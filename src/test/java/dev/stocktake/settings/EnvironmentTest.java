package dev.stocktake.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnvironmentTest {
    @TempDir
    Path directory;

    @Test
    void withoutAFileItIsTheRealEnvironment() {
        assertThat(Environment.read(directory, Map.of("A", "1"))).isEqualTo(Map.of("A", "1"));
    }

    @Test
    void theRealEnvironmentWins() throws IOException {
        write("A=file\nB=file\n");

        assertThat(Environment.read(directory, Map.of("A", "real", "C", "real")))
                .isEqualTo(Map.of("A", "real", "B", "file", "C", "real"));
    }

    @Test
    void aBlankRealValueSwitchesTheFilesOff() throws IOException {
        write("EXPORT_DIR=reports\n");

        assertThat(Environment.read(directory, Map.of("EXPORT_DIR", ""))).containsEntry("EXPORT_DIR", "");
    }

    @Test
    void nothingOfThisProcessIsAdded() throws IOException {
        write("A=1\n");

        assertThat(Environment.read(directory, Map.of())).isEqualTo(Map.of("A", "1"));
    }

    @Test
    void aDirectoryOfThatNameIsNotTheFile() throws IOException {
        Files.createDirectory(directory.resolve(".env"));

        assertThat(Environment.read(directory, Map.of("A", "1"))).isEqualTo(Map.of("A", "1"));
    }

    @ParameterizedTest
    @CsvSource({
        "rw-------, false",
        "r--------, false",
        "rwx--x--x, false",
        "rw-r-----, true",
        "rw----r--, true",
        "rw--w----, true",
        "rw-----w-, true",
        "rw-r--r--, true",
    })
    void aFileThatOthersCanReadOrChangeIsAWarning(String permissions, boolean warned) throws IOException {
        write("CRON_SECRET=not-to-be-shown\n");
        Files.setPosixFilePermissions(directory.resolve(".env"), PosixFilePermissions.fromString(permissions));

        assertThat(Environment.warnings(directory))
                .isEqualTo(
                        warned
                                ? List.of(".env can be read or changed by others than its owner (" + permissions
                                        + "), and may hold secrets: chmod 600 .env")
                                : List.of());
    }

    @Test
    void noFileAFolderAndAFileSystemWithoutPermissionsAreNoWarning(@TempDir Path other) throws IOException {
        assertThat(Environment.warnings(directory)).isEmpty();
        Files.createDirectory(directory.resolve(".env"));
        assertThat(Environment.warnings(directory)).isEmpty();
        try (FileSystem zip = FileSystems.newFileSystem(other.resolve("folder.zip"), Map.of("create", "true"))) {
            Files.writeString(zip.getPath(".env"), "A=1\n");
            assertThat(Environment.warnings(zip.getPath(""))).isEmpty();
        }
    }

    static Stream<Arguments> lines() {
        return Stream.of(
                arguments("A=b", "b"),
                arguments("  A = b  ", "b"),
                arguments("export A=b", "b"),
                arguments("A=", ""),
                arguments("A=''", ""),
                arguments("A=b=c==", "b=c=="),
                arguments("A=b c", "b c"),
                // a # only begins a comment after a space
                arguments("A=b#c", "b#c"),
                arguments("A=#b", "#b"),
                arguments("A=b # c", "b"),
                arguments("A= # c", ""),
                arguments("A=postgres://u:p%23w#x@h/db?a=b&c=d", "postgres://u:p%23w#x@h/db?a=b&c=d"),
                arguments("A=\"b # c\"", "b # c"),
                arguments("A='b # c' # d", "b # c"),
                arguments("A=' b '", " b "),
                arguments("A=it's", "it's"),
                arguments("A=b\"c\"", "b\"c\""),
                arguments("A=\"b \\\"c\\\" \\\\ \\$d\\ne\"", "b \"c\" \\ $d\ne"),
                arguments("A='b\\nc'", "b\\nc"),
                arguments("A=b\\nc", "b\\nc"),
                arguments("A=$B${C}", "$B${C}"),
                arguments("A=\"one\ntwo\"", "one\ntwo"),
                arguments("A=b\r", "b"),
                arguments("\uFEFFA=b", "b"),
                arguments("A=grün", "grün"),
                arguments("A=first\nA=last", "last"),
                arguments("\n# comment\n   # comment\nA=b\n\n", "b"));
    }

    @ParameterizedTest
    @MethodSource("lines")
    void readsAsShellsAndComposeDo(String file, String value) throws IOException {
        write(file + "\n");

        assertThat(Environment.read(directory, Map.of())).isEqualTo(Map.of("A", value));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hunter2",
                "=hunter2",
                "1A=hunter2",
                "A B=hunter2",
                "A: hunter2",
                "A=\"hunter2",
                "A='hunter2",
                "A=\"hunter2\" x",
                "A='hun'ter2"
            })
    void aMalformedLineIsNamedByItsNumberAndNotShown(String line) throws IOException {
        write("FIRST=1\n" + line + "\nLAST=1\n");

        SettingsException refused =
                catchThrowableOfType(SettingsException.class, () -> Environment.read(directory, Map.of()));

        assertThat(refused.problems()).singleElement().asString().startsWith(directory.resolve(".env") + " line 2 ");
        assertThat(refused).hasMessageNotContaining("hun");
    }

    @Test
    void everyMalformedLineIsTold() throws IOException {
        write("one\nA=1\nB=\"open\ntwo\n");

        SettingsException refused =
                catchThrowableOfType(SettingsException.class, () -> Environment.read(directory, Map.of()));

        assertThat(refused.problems())
                .containsExactly(
                        directory.resolve(".env") + " line 1 must be NAME=value, or a comment that begins with #",
                        directory.resolve(".env") + " line 3 opens a quote for B that is never closed",
                        directory.resolve(".env") + " line 4 must be NAME=value, or a comment that begins with #");
    }

    @Test
    void aFileThatIsNotUtf8IsRefused() throws IOException {
        Files.write(directory.resolve(".env"), "A=grün".getBytes(StandardCharsets.ISO_8859_1));

        SettingsException refused =
                catchThrowableOfType(SettingsException.class, () -> Environment.read(directory, Map.of()));

        assertThat(refused.problems()).containsExactly(directory.resolve(".env") + " must be UTF-8 text");
    }

    private void write(String text) throws IOException {
        Files.writeString(directory.resolve(".env"), text);
    }
}
