package dev.stocktake.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportFilesTest {
    private final ExportFiles files = new ExportFiles();

    @TempDir
    private Path directory;

    @Test
    void aFileIsPrivateBeforeAnythingIsInIt() throws IOException {
        files.create(directory.resolve("a/b").toString(), ".report.part");

        Path made = directory.resolve("a/b/.report.part");
        assertThat(Files.readString(made)).isEmpty();
        assertThat(permissions(made)).isEqualTo("rw-------");
        assertThat(permissions(directory.resolve("a/b"))).isEqualTo("rwx------");
        assertThat(permissions(directory.resolve("a"))).isEqualTo("rwx------");
    }

    @Test
    void aFolderThatWasThereStaysAsItIs() throws IOException {
        Path shared = Files.createDirectory(directory.resolve("shared"));
        Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxr-xr-x"));

        files.create(shared.toString(), "report");

        assertThat(permissions(shared)).isEqualTo("rwxr-xr-x");
        assertThat(permissions(shared.resolve("report"))).isEqualTo("rw-------");
    }

    @Test
    void whatWasLaidThereBeforeIsNotWrittenTo() throws IOException {
        Path open = Files.writeString(directory.resolve("report"), "old");
        Path elsewhere = Files.writeString(directory.resolve("elsewhere"), "mine");
        Path link = Files.createSymbolicLink(directory.resolve("link"), elsewhere);
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-rw-rw-"));

        files.create(directory.toString(), "report");
        files.create(directory.toString(), "link");

        assertThat(permissions(open)).isEqualTo("rw-------");
        assertThat(Files.isSymbolicLink(link)).isFalse();
        assertThat(Files.readString(elsewhere)).isEqualTo("mine");
    }

    private static String permissions(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }
}
