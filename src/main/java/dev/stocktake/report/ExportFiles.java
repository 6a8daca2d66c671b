package dev.stocktake.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Where exports are written: files and folders that are made for those only who may read them, before anything is in them. */
public final class ExportFiles {
    private Set<PosixFilePermission> permissions = PosixFilePermissions.fromString("rw-------");
    private Set<PosixFilePermission> folderPermissions = PosixFilePermissions.fromString("rwx------");

    /**
     * Sets who may read and write the files.
     *
     * @param permissions as {@code ls} shows them: {@code rw-r-----}
     */
    public void setPermissions(String permissions) {
        this.permissions = PosixFilePermissions.fromString(permissions);
    }

    /**
     * Sets who may look into the folders that are made for them.
     *
     * @param permissions as {@code ls} shows them: {@code rwxr-x---}
     */
    public void setFolderPermissions(String permissions) {
        this.folderPermissions = PosixFilePermissions.fromString(permissions);
    }

    /**
     * Makes an empty file, and the folders that it is in where they are not there yet. Where a file system knows no such
     * permissions, it has what it has.
     *
     * @throws IOException when it cannot be made
     */
    public void create(String folder, String name) throws IOException {
        Path parent = Path.of(folder).toAbsolutePath();
        createFolder(parent);
        Path file = parent.resolve(name);
        // left by a process that was killed, or laid there by somebody who wants to read on
        Files.deleteIfExists(file);
        if (hasPermissions(parent)) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(permissions));
            // what the process masks
            Files.setPosixFilePermissions(file, permissions);
        } else {
            Files.createFile(file);
        }
    }

    private void createFolder(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            return;
        }
        Path parent = folder.getParent();
        if (parent != null) {
            createFolder(parent);
        }
        if (parent != null && hasPermissions(parent)) {
            Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(folderPermissions));
        } else {
            Files.createDirectories(folder);
        }
    }

    private static boolean hasPermissions(Path there) throws IOException {
        return Files.getFileStore(there).supportsFileAttributeView("posix");
    }
}
