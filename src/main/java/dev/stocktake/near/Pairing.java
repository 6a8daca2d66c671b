package dev.stocktake.near;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Pairs files and records. All take the same chain of steps, each key those of it that it wants to; where a file and a
 * record then agree they are partners: those of the same place, else the first. The shortest chain is tried first, of
 * those the likeliest. A key that has its partner may still be that of others.
 */
final class Pairing {
    private static final int NOBODY = Integer.MAX_VALUE;

    private final String bucket;
    private final boolean bothWays;
    private final List<String> keys;
    private final int files;
    private final int[] partners;
    private final Deque<Step> chain = new ArrayDeque<>();
    private final List<Near> ofFiles = new ArrayList<>();
    private final List<Near> ofRecords = new ArrayList<>();
    private int open;

    private Pairing(List<String> files, List<String> records, String bucket, boolean bothWays) {
        this.bucket = bucket;
        this.bothWays = bothWays;
        this.keys = Stream.concat(files.stream(), records.stream()).toList();
        this.files = files.size();
        this.partners = new int[keys.size()];
        this.open = bothWays ? keys.size() : files.size();
        Arrays.fill(partners, NOBODY);
    }

    /**
     * Those that have a partner, in no order.
     *
     * @param ofFiles each with its record
     * @param ofRecords each with its file
     */
    record Pairs(List<Near> ofFiles, List<Near> ofRecords) {}

    /** Of all files and all records; of each kind no key twice. */
    static Pairs of(List<String> files, List<String> records, String bucket) {
        return new Pairing(files, records, bucket, true).pairs();
    }

    /** The files that have a record, each with it. */
    static List<Near> ofFiles(List<String> files, List<String> records, String bucket) {
        return new Pairing(files, records, bucket, false).pairs().ofFiles();
    }

    private Pairs pairs() {
        List<List<Spelling>> asTheyAre = new ArrayList<>(keys.size());
        keys.forEach(key -> asTheyAre.add(List.of(new Spelling(key, false))));
        for (int length = 0; length <= Step.LONGEST_CHAIN && open > 0; length++) {
            lengthen(asTheyAre, length);
        }
        return new Pairs(ofFiles, ofRecords);
    }

    /**
     * One spelling of a key.
     *
     * @param isPath whether it is rid of its query or fragment
     */
    private record Spelling(String text, boolean isPath) {}

    private void lengthen(List<List<Spelling>> spellings, int by) {
        if (by == 0) {
            pair(spellings);
            return;
        }
        for (Step step : Step.values()) {
            List<List<Spelling>> more = open == 0 ? null : after(step, spellings);
            if (more != null) {
                chain.addLast(step);
                lengthen(more, by - 1);
                chain.removeLast();
            }
        }
    }

    /** Null where the step does nothing to any of them. */
    private List<List<Spelling>> after(Step step, List<List<Spelling>> spellings) {
        List<List<Spelling>> after = null;
        for (int i = 0; i < spellings.size(); i++) {
            List<Spelling> before = spellings.get(i);
            List<Spelling> more = spellingsAfter(step, before);
            if (more.size() > before.size()) {
                after = after == null ? new ArrayList<>(spellings) : after;
                after.set(i, more);
            }
        }
        return after;
    }

    private List<Spelling> spellingsAfter(Step step, List<Spelling> before) {
        List<Spelling> after = before;
        for (Spelling spelling : before) {
            if (step == Step.QUERY_AND_FRAGMENT && spelling.isPath()) {
                continue;
            }
            for (String plainer : step.plainer(spelling.text(), bucket)) {
                Spelling another = new Spelling(plainer, spelling.isPath() || step == Step.QUERY_AND_FRAGMENT);
                if (!after.contains(another)) {
                    after = after == before ? new ArrayList<>(before) : after;
                    after.add(another);
                }
            }
        }
        return after;
    }

    private void pair(List<List<Spelling>> spellings) {
        Map<String, Agreeing> agreeing = new HashMap<>();
        for (int key = 0; key < spellings.size(); key++) {
            for (Spelling spelling : spellings.get(key)) {
                Agreeing with = agreeing.computeIfAbsent(spelling.text(), text -> new Agreeing());
                (key < files ? with.files : with.records).add(key, spelling.isPath());
            }
        }
        int[] found = new int[keys.size()];
        Arrays.fill(found, NOBODY);
        agreeing.values().forEach(with -> {
            with.files.findIn(with.records, found);
            with.records.findIn(with.files, found);
        });
        for (int key = 0; key < found.length; key++) {
            if (found[key] != NOBODY && partners[key] == NOBODY) {
                partners[key] = found[key];
                near(key, new Near(keys.get(key), keys.get(found[key]), List.copyOf(chain)));
            }
        }
    }

    private void near(int key, Near found) {
        (key < files ? ofFiles : ofRecords).add(found);
        if (bothWays || key < files) {
            open--;
        }
    }

    /** The files and the records that have one spelling. */
    private static final class Agreeing {
        private final Side files = new Side();
        private final Side records = new Side();
    }

    private static final class Side {
        private final List<Integer> all = new ArrayList<>(1);
        private final List<Boolean> arePaths = new ArrayList<>(1);
        private final List<Integer> whole = new ArrayList<>(1);

        void add(int key, boolean isPath) {
            all.add(key);
            arePaths.add(isPath);
            if (!isPath) {
                whole.add(key);
            }
        }

        void findIn(Side other, int[] found) {
            for (int place = 0; place < all.size(); place++) {
                // names that differ by their query alone are different names
                List<Integer> those = arePaths.get(place) ? other.whole : other.all;
                if (!those.isEmpty()) {
                    int partner = those.get(place < those.size() ? place : 0);
                    found[all.get(place)] = Math.min(found[all.get(place)], partner);
                }
            }
        }
    }
}
