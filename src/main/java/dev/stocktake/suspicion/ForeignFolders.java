package dev.stocktake.suspicion;

import dev.stocktake.compare.KeySpace;
import dev.stocktake.run.ForeignFolder;
import dev.stocktake.run.Run;
import dev.stocktake.storage.StorageLister;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** What the bucket and the report say of folders in which nothing matches. */
public final class ForeignFolders {
    /** In the reasons and in the remarks of a run; all are stored with it. */
    private static final int MOST_NAMED = 10;

    private final Supplier<StorageLister> storage;

    /**
     * Of the bucket.
     *
     * @param storage asked when it is needed, since the routes make it
     */
    public ForeignFolders(Supplier<StorageLister> storage) {
        this.storage = storage;
    }

    /** Those of the folders around the foreign ones that have few subfolders in the bucket; a list request each. */
    public List<String> few(FolderSearch search, Run run) {
        return search.around(run).stream()
                .filter(folder ->
                        storage.get().topLevel(new KeySpace(folder)).folders().size() <= FolderSearch.FEW_FOLDERS)
                .toList();
    }

    /** Of those that nobody has answered for, a sentence each. */
    static List<String> suspicions(List<ForeignFolder> folders) {
        return sentences(folders.stream()
                .filter(folder -> !folder.isKnown())
                .map(folder -> found(folder) + ": they may belong to another table or application. Acknowledge the run,"
                        + " or add that table to the records query"));
    }

    /** The run with a remark for each that somebody has. */
    static Run remarked(Run run) {
        List<String> known = sentences(run.foreignFolders().stream()
                .filter(ForeignFolder::isKnown)
                .map(folder -> found(folder) + ", as is known by the acknowledgement of run " + folder.acknowledgedRun()
                        + "."));
        return Run.withRemarks(
                run,
                Stream.concat(
                                run.remarks() == null
                                        ? Stream.of()
                                        : run.remarks().lines(),
                                known.stream())
                        .toList());
    }

    private static String found(ForeignFolder folder) {
        return "Nothing in the folder " + Suspicion.quoted(folder.folder()) + " matches, and " + folder.files()
                + " files there are orphaned, the newest " + Suspicion.quoted(folder.newest()) + " of "
                + folder.newestModified().toLocalDate();
    }

    private static List<String> sentences(Stream<String> each) {
        List<String> sentences = new ArrayList<>(each.toList());
        int more = sentences.size() - MOST_NAMED;
        if (more > 0) {
            sentences.subList(MOST_NAMED, sentences.size()).clear();
            sentences.add(
                    "The same is true of " + more + " more folders, which foreign_folders of stocktake.run names");
        }
        return sentences;
    }
}
