package dev.stocktake.endtoend;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What was there and what was not, for every key and moment, told by those who change it. It knows nothing of Stocktake.
 *
 * <p>A change happens at some unknown moment between its beginning and its end as its maker saw them. So for each moment a
 * thing was surely there, surely not there, or possibly either; and a difference between the two sides has bounds from
 * within and from without.
 */
final class TruthLedger {
    private static final String OBJECT = "";

    private final Map<String, History> histories = new ConcurrentHashMap<>();

    /** An object or, with its id, a record that may be without the other side. */
    record Orphan(String key, Optional<String> recordId) {
        static Orphan file(String key) {
            return new Orphan(key, Optional.empty());
        }

        static Orphan row(String key, String id) {
            return new Orphan(key, Optional.of(id));
        }
    }

    /** From a moment to another; {@link Instant#MAX} where it goes on. */
    record Interval(Instant from, Instant to) {}

    /** The object of a key is about to be written or deleted; whoever does it tells when that is over. */
    Change object(String key, boolean there) {
        return change(Orphan.file(key), there, Instant.now());
    }

    /** A record is about to become visible or to vanish; whoever does it tells when that is over. */
    Change row(String key, String id, boolean there) {
        return change(Orphan.row(key, id), there, Instant.now());
    }

    /** An object or a record that has been there all the time. */
    void settled(Orphan thing, Instant since) {
        change(thing, true, since).done(since);
    }

    /** Changes of one thing come one after the other. */
    Change change(Orphan thing, boolean there, Instant begun) {
        History history = histories.computeIfAbsent(thing.key(), any -> new History());
        Change change = new Change(history, there, begun);
        synchronized (history) {
            history.changes
                    .computeIfAbsent(thing.recordId().orElse(OBJECT), any -> new ArrayList<>())
                    .add(change);
        }
        return change;
    }

    /** When one side may have been without the other: the longest intervals that what is known allows. */
    List<Interval> possibly(Orphan orphan) {
        History history = histories.get(orphan.key());
        return history == null ? List.of() : history.intervals(orphan, false);
    }

    /**
     * When one side was without the other for sure: the shortest intervals. One ends where the object was written again,
     * which makes it young.
     */
    List<Interval> surely(Orphan orphan) {
        History history = histories.get(orphan.key());
        return history == null ? List.of() : history.intervals(orphan, true);
    }

    /** All that surely has been without its other side, from before a moment until after another. */
    List<Orphan> surelyOrphanedThroughout(Instant from, Instant to) {
        return histories.entrySet().stream()
                .flatMap(each -> each.getValue().things(each.getKey()).stream())
                .filter(orphan -> surely(orphan).stream()
                        .anyMatch(interval ->
                                !interval.from().isAfter(from) && !interval.to().isBefore(to)))
                .toList();
    }

    /** Forgets what was over before a moment, so that a long test does not fill the memory. */
    void forgetBefore(Instant moment) {
        histories.values().forEach(history -> history.forgetBefore(moment));
    }

    /** One change of one thing. */
    static final class Change {
        private final History history;
        private final boolean there;
        private final Instant begun;
        private Instant done = Instant.MAX;

        private Change(History history, boolean there, Instant begun) {
            this.history = history;
            this.there = there;
            this.begun = begun;
        }

        void done() {
            done(Instant.now());
        }

        void done(Instant at) {
            synchronized (history) {
                done = at;
            }
        }
    }

    /** Of one key: the changes of its object and of each of its records, each in order. */
    private static final class History {
        private final Map<String, List<Change>> changes = new TreeMap<>();

        synchronized List<Orphan> things(String key) {
            return changes.keySet().stream()
                    .map(name -> name.equals(OBJECT) ? Orphan.file(key) : Orphan.row(key, name))
                    .toList();
        }

        synchronized List<Interval> intervals(Orphan orphan, boolean surely) {
            TreeSet<Instant> moments = new TreeSet<>();
            changes.values().stream().flatMap(List::stream).forEach(change -> {
                moments.add(change.begun);
                moments.add(change.done);
            });
            moments.add(Instant.MAX);
            List<Interval> intervals = new ArrayList<>();
            Instant since = null;
            Instant from = null;
            for (Instant to : moments) {
                boolean orphaned = from != null && isOrphaned(orphan, from, to, surely);
                if (orphaned && since == null) {
                    since = from;
                } else if (!orphaned && since != null) {
                    intervals.add(new Interval(since, from));
                    since = null;
                }
                from = to;
            }
            if (since != null) {
                intervals.add(new Interval(since, Instant.MAX));
            }
            return intervals;
        }

        /** Between two moments with no beginning or end of a change in between. */
        private boolean isOrphaned(Orphan orphan, Instant from, Instant to, boolean surely) {
            if (orphan.recordId().isPresent()) {
                String id = orphan.recordId().orElseThrow();
                return is(id, true, from, to, surely) && is(OBJECT, false, from, to, surely);
            }
            return is(OBJECT, true, from, to, surely)
                    && changes.keySet().stream()
                            .filter(name -> !name.equals(OBJECT))
                            .allMatch(id -> is(id, false, from, to, surely));
        }

        private boolean is(String name, boolean there, Instant from, Instant to, boolean surely) {
            boolean before = false;
            for (Change change : changes.getOrDefault(name, List.of())) {
                if (!change.done.isAfter(from)) {
                    before = change.there;
                } else if (!change.begun.isAfter(from) && !change.done.isBefore(to)) {
                    return !surely && (before == there || change.there == there);
                }
            }
            return before == there;
        }

        synchronized void forgetBefore(Instant moment) {
            for (List<Change> ofThing : changes.values()) {
                while (ofThing.size() > 1 && ofThing.get(1).done.isBefore(moment)) {
                    ofThing.remove(0);
                }
            }
            changes.values()
                    .removeIf(ofThing -> ofThing.size() == 1
                            && !ofThing.get(0).there
                            && ofThing.get(0).done.isBefore(moment));
        }
    }
}
