package dev.stocktake.endtoend;

import dev.stocktake.embedded.Md5;
import dev.stocktake.embedded.ObjectEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What an application did to its files and records, content by content, and what must therefore be found in the bucket and in
 * the audit. It knows nothing of Stocktake but where its quarantines are and what its audit says.
 */
final class ContentLedger {
    private final Set<String> quarantines;
    private final Map<String, History> histories = new TreeMap<>();
    private final Set<Content> moved = new HashSet<>();
    private final Set<Content> gone = new HashSet<>();
    private final Set<Content> restored = new HashSet<>();
    private final Set<Content> onceMoved = new HashSet<>();
    private final Set<Content> movedAgain = new HashSet<>();

    /**
     * A ledger without entries.
     *
     * @param quarantines beginnings of the keys of all quarantines that are used
     */
    ContentLedger(Set<String> quarantines) {
        this.quarantines = Set.copyOf(quarantines);
    }

    /** What a key held, or holds. */
    record Content(String key, String md5) {}

    /** What is wrong, in a sentence. */
    record Violation(String key, String what) {}

    private static final class History {
        private final Set<String> contents = new HashSet<>();
        private final Set<Long> records = new HashSet<>();
        /** Of the newest upload; null where there was none, or the application deleted it. */
        private String current;
        /** What the application saw last before it made a record. */
        private String seen;
    }

    /** The application uploaded this; nobody else ever writes. */
    void uploaded(String key, byte[] content) {
        History history = history(key);
        history.current = Md5.hex(content);
        history.contents.add(history.current);
        history.seen = null;
        // what was there before is nobody's any more, and the same content may be there anew
        moved.remove(new Content(key, history.current));
        gone.remove(new Content(key, history.current));
    }

    /** The application deleted the object. */
    void deleted(String key) {
        history(key).current = null;
    }

    /**
     * The application made a record.
     *
     * @param seen the MD5 of what it saw there; null where it did not look
     */
    void recorded(String key, long id, String seen) {
        History history = history(key);
        history.records.add(id);
        history.seen = seen;
        if (history.current == null) {
            history.current = seen;
        }
    }

    /** The application deleted a record. */
    void unrecorded(String key, long id) {
        history(key).records.remove(id);
    }

    /** The audit says that a file was moved into quarantine, or deleted as a plan said. */
    void wasMoved(String key, String md5) {
        Content content = new Content(key, md5);
        moved.add(content);
        onceMoved.add(content);
        restored.remove(content);
    }

    /** The audit says that a file was brought back. */
    void wasRestored(String key, String md5) {
        restored.add(new Content(key, md5));
        History history = history(key);
        // somebody wants it, though the application uploaded another one since, which was moved as well
        if ((history.records.isEmpty() || md5.equals(history.seen))
                && moved.contains(new Content(key, history.current))) {
            history.current = md5;
        }
    }

    /**
     * How many files are in quarantine again after they were brought back or uploaded again, without that the audit says so twice:
     * by a deletion that was on its way since before that.
     */
    int movedAgain() {
        return movedAgain.size();
    }

    /** The audit says that a copy in quarantine was deleted for good. */
    void wasPurged(String key, String md5) {
        gone.add(new Content(key, md5));
    }

    /** Records of a key, by their ids. */
    Set<Long> records(String key) {
        return Set.copyOf(history(key).records);
    }

    /**
     * What is wrong with what is there; each only once.
     *
     * @param unfinished contents that somebody is moving or purging just now, or was when it was ended: the audit does not have
     *     to know of them yet
     */
    List<Violation> violations(List<ObjectEntry> objects, Set<Content> unfinished) {
        Map<String, String> outside = new HashMap<>();
        Map<String, List<String>> inside = new HashMap<>();
        for (ObjectEntry object : objects) {
            if (quarantines.stream().anyMatch(object.key()::startsWith)) {
                inside.computeIfAbsent(object.etag(), any -> new ArrayList<>()).add(object.key());
            } else {
                outside.put(object.key(), object.etag());
            }
        }
        List<Violation> violations = new ArrayList<>();
        histories.forEach((key, history) -> {
            String wrong = wrong(key, history, outside.get(key), inside, unfinished);
            if (wrong != null) {
                violations.add(new Violation(key, wrong));
                // as the bucket has it from now on
                history.current = outside.get(key);
            }
        });
        return violations;
    }

    private String wrong(
            String key, History history, String outside, Map<String, List<String>> inside, Set<Content> unfinished) {
        if (outside != null && !history.contents.contains(outside)) {
            return "outside is a content that nobody uploaded";
        }
        if (history.current == null) {
            return null;
        }
        if (outside != null) {
            return outside.equals(history.current)
                    ? null
                    : "an older content (" + outside + ") is outside in place of the newest upload (" + history.current
                            + (waits(key, history.current, inside)
                                    ? ", which waits in quarantine)"
                                    : ", which is nowhere)");
        }
        Content content = new Content(key, history.current);
        boolean waits = waits(key, history.current, inside);
        if (!waits && !history.records.isEmpty()) {
            return "a record names it, and its content (" + history.current + ") is nowhere" + fate(content);
        }
        if (unfinished.contains(content)) {
            return null;
        }
        if (!waits && !gone.contains(content)) {
            return "its content (" + history.current + ") is nowhere, and no purge of it says so" + fate(content);
        }
        if (restored.contains(content) || (onceMoved.contains(content) && !moved.contains(content))) {
            movedAgain.add(content);
            return null;
        }
        return moved.contains(content)
                ? null
                : "it is not outside any more, and the audit does not say that it was moved";
    }

    /** What the audit says of it, by whatever key. */
    private String fate(Content content) {
        StringBuilder fate = new StringBuilder();
        moved.stream()
                .filter(each -> each.md5().equals(content.md5()))
                .forEach(each -> fate.append("; moved as ").append(each.key()));
        gone.stream()
                .filter(each -> each.md5().equals(content.md5()))
                .forEach(each -> fate.append("; purged as ").append(each.key()));
        return fate.toString();
    }

    private static boolean waits(String key, String md5, Map<String, List<String>> inside) {
        return inside.getOrDefault(md5, List.of()).stream().anyMatch(each -> each.endsWith("/" + key));
    }

    private History history(String key) {
        return histories.computeIfAbsent(key, any -> new History());
    }
}
