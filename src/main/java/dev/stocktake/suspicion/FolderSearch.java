package dev.stocktake.suspicion;

import dev.stocktake.compare.KeySpace;
import dev.stocktake.run.ForeignFolder;
import dev.stocktake.run.Run;
import java.sql.Timestamp;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * The search for folders in which nothing matches, a level of folders at a time: the first below the prefix of the run, then
 * those in folders in which something matches, where such subfolders are few.
 *
 * @param level that is looked at, from 1
 * @param parents whose subfolders are looked at
 * @param candidates at this level, with many orphaned files
 * @param foreign folders that were found
 */
public record FolderSearch(int level, List<String> parents, List<Candidate> candidates, List<ForeignFolder> foreign) {
    /**
     * Fewer orphaned files in a folder say nothing: the renditions of one asset often have a folder of their own, and go
     * with their record.
     */
    public static final int FEWEST_FILES = 10;

    /** In more subfolders than these a folder is not divided by application but by asset, and one of them goes with it. */
    static final int FEW_FOLDERS = 20;

    /** At a level, the largest, so that memory does not grow with the bucket; there are 100,000 orphaned files in them. */
    private static final int MOST_CANDIDATES = 10_000;

    /** That the bucket is asked for the subfolders of, a request each; those that follow are for a later run. */
    private static final int MOST_LISTINGS = 100;

    private static final int LEVELS = 3;

    public FolderSearch {
        parents = List.copyOf(parents);
        candidates = List.copyOf(candidates);
        foreign = List.copyOf(foreign);
    }

    /**
     * A folder with many orphaned files.
     *
     * @param records that are orphaned in it
     */
    record Candidate(ForeignFolder folder, long records) {
        /** From a row of {@code folder}, {@code files}, {@code bytes}, {@code newest}, when it was modified, and {@code records}. */
        static Candidate of(Map<String, Object> row) {
            return new Candidate(
                    new ForeignFolder(
                            (String) row.get("folder"),
                            ((Number) row.get("files")).longValue(),
                            ((Number) row.get("bytes")).longValue(),
                            null,
                            ((Timestamp) row.get("newest")).toInstant().atOffset(ZoneOffset.UTC),
                            null),
                    ((Number) row.get("records")).longValue());
        }

        String name() {
            return folder.folder();
        }
    }

    /** Of a run, from its first level. */
    public static FolderSearch begin(Run run) {
        return new FolderSearch(1, List.of(run.prefix()), List.of(), List.of());
    }

    /** Whether there is a level to look at. */
    public boolean isOpen() {
        return !parents.isEmpty();
    }

    /** For a statement: what keys of these parents begin with. */
    public String[] parentsFrom() {
        return parents.toArray(String[]::new);
    }

    /** For a statement: a key behind those of each parent. */
    public String[] parentsTo() {
        return parents.stream().map(FolderSearch::behind).toArray(String[]::new);
    }

    public int fewestFiles() {
        return FEWEST_FILES;
    }

    public int mostCandidates() {
        return MOST_CANDIDATES;
    }

    /** For a statement: what keys of the candidates begin with. */
    public String[] from() {
        return candidates.stream().map(Candidate::name).toArray(String[]::new);
    }

    /** For a statement: a key behind those of each candidate. */
    public String[] to() {
        return candidates.stream().map(candidate -> behind(candidate.name())).toArray(String[]::new);
    }

    /** For a statement: one record more than are orphaned in each candidate, which is then no orphan. */
    public String[] enough() {
        return candidates.stream()
                .map(candidate -> Long.toString(candidate.records() + 1))
                .toArray(String[]::new);
    }

    /** A key that is greater than all that begin with the name, and than no other. */
    private static String behind(String name) {
        // in the order of bytes, 0 comes next to the slash; only the prefix of a run may end in anything else
        return name.endsWith("/") ? name.substring(0, name.length() - 1) + "0" : new KeySpace(name).end();
    }

    /**
     * With the folders of this level that have many orphaned files.
     *
     * @param rows as {@link Candidate#of} reads them, most files first
     */
    public static FolderSearch among(FolderSearch search, List<Map<String, Object>> rows) {
        return new FolderSearch(
                search.level, search.parents, rows.stream().map(Candidate::of).toList(), search.foreign);
    }

    /**
     * At the next level: in the folders that some record names which is no orphan. It has its file, or is so young that it
     * may be about to get one.
     *
     * @param rows of {@code folder} and {@code records}, how many records there are in each candidate; no more than
     *     {@link #enough} says
     */
    public static FolderSearch deeper(FolderSearch search, List<Map<String, Object>> rows) {
        Map<String, Long> records = new HashMap<>();
        rows.forEach(row -> records.put((String) row.get("folder"), ((Number) row.get("records")).longValue()));
        List<String> own = new ArrayList<>();
        List<ForeignFolder> foreign = new ArrayList<>(search.foreign);
        for (Candidate candidate : search.candidates) {
            if (records.getOrDefault(candidate.name(), 0L) > candidate.records()) {
                own.add(candidate.name());
            } else {
                foreign.add(candidate.folder());
            }
        }
        return new FolderSearch(search.level + 1, search.level == LEVELS ? List.of() : own, List.of(), foreign);
    }

    /** For a statement: what keys of the foreign folders begin with. */
    public String[] foreignFrom() {
        return foreign.stream().map(ForeignFolder::folder).toArray(String[]::new);
    }

    /** For a statement: a key behind those of each foreign folder. */
    public String[] foreignTo() {
        return foreign.stream().map(folder -> behind(folder.folder())).toArray(String[]::new);
    }

    /**
     * With the newest file of each foreign folder, and the run whose acknowledgement answers for it.
     *
     * @param rows of {@code folder}, {@code newest} and {@code known_by}, which is null where none does
     */
    public static FolderSearch knowing(FolderSearch search, List<Map<String, Object>> rows) {
        Map<String, Map<String, Object>> known = new HashMap<>();
        rows.forEach(row -> known.put((String) row.get("folder"), row));
        return new FolderSearch(
                search.level,
                search.parents,
                search.candidates,
                search.foreign.stream()
                        .map(folder ->
                                folder.with((String) known.get(folder.folder()).get("newest"), (UUID)
                                        known.get(folder.folder()).get("known_by")))
                        .toList());
    }

    /** In which the foreign folders lie that nobody has answered for; they only count where these have few subfolders. */
    List<String> around(Run run) {
        return foreign.stream()
                .filter(folder -> !folder.isKnown())
                .flatMap(folder -> around(folder, run.prefix()).stream())
                .distinct()
                .limit(MOST_LISTINGS)
                .toList();
    }

    /**
     * The run with its foreign folders, largest first, without those among many.
     *
     * @param few of the folders of {@link #around}, those with few subfolders
     */
    public static Run end(FolderSearch search, Run run, List<String> few) {
        return Run.withForeignFolders(
                run,
                search.foreign.stream()
                        .filter(folder -> folder.isKnown() || few.containsAll(around(folder, run.prefix())))
                        .sorted(Comparator.comparingLong(ForeignFolder::files)
                                .reversed()
                                .thenComparing(ForeignFolder::folder))
                        .toList());
    }

    /** The folders in which a folder lies, from the first level. */
    private static List<String> around(ForeignFolder folder, String prefix) {
        List<String> around = new ArrayList<>();
        String name = folder.folder();
        int end = firstEnd(name, prefix.length());
        while (end < name.length()) {
            around.add(name.substring(0, end));
            end = firstEnd(name, end);
        }
        return around;
    }

    /** The end of the first folder behind an index; slashes in front of its name belong to it. */
    private static int firstEnd(String key, int from) {
        int name = from;
        while (name < key.length() && key.charAt(name) == '/') {
            name++;
        }
        return key.indexOf('/', name) + 1;
    }
}
