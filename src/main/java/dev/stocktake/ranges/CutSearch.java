package dev.stocktake.ranges;

import dev.stocktake.compare.KeyBehind;
import dev.stocktake.compare.KeyOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Looks for keys that cut what is left of a range into parts that have something in them, by asking one side a few times for
 * the first key behind some other. Immutable: every answer makes the next.
 *
 * <p>First it finds the leftmost place at which keys still change: the longest beginning of the last key read that all keys
 * ahead share. Then it finds the greatest character that a key ahead has at that place, and, where there are not enough
 * characters between the two, the greatest one behind that. It cuts at the characters between, evenly.
 *
 * @param side that is asked
 * @param from the last key read; what is ahead lies behind it
 * @param upTo the end of the range, inclusive
 * @param wanted how many cuts there should be
 * @param places lengths of the beginnings of {@code from} that all keys ahead may share, ascending
 * @param lowest of the places, by number, that is not excluded yet
 * @param sure of the places, by number, at which keys change for sure; as many as there are when none is known
 * @param stem what the greatest character stands behind; null until the place is found
 * @param greatest character known behind the stem
 * @param possible the greatest character that there can be behind the stem
 * @param seen keys known on this side
 * @param cuts what was found, in ascending order
 * @param isOpen whether another answer is needed
 */
public record CutSearch(
        Side side,
        String from,
        String upTo,
        int wanted,
        List<Integer> places,
        int lowest,
        int sure,
        String stem,
        char greatest,
        char possible,
        List<String> seen,
        List<String> cuts,
        boolean isOpen) {
    /** What is asked. */
    public enum Side {
        OBJECTS,
        RECORDS
    }

    private static final char NONE = 0;
    private static final char GREATEST = '~';

    public CutSearch {
        places = List.copyOf(places);
        seen = List.copyOf(seen);
        cuts = List.copyOf(cuts);
    }

    /** Before the first answer. */
    static CutSearch begin(Side side, String from, String upTo, int wanted) {
        List<Integer> places = new ArrayList<>();
        for (int place = 0; place < from.length() && wanted > 0; place++) {
            if (from.charAt(place) < GREATEST && Alphabet.isPlain(from.charAt(place))) {
                String behind = behind(from, place);
                if (KeyOrder.UTF_8.compare(behind, upTo) < 0) {
                    places.add(place);
                }
            }
        }
        return new CutSearch(
                side,
                from,
                upTo,
                wanted,
                places,
                0,
                places.size(),
                null,
                NONE,
                NONE,
                List.of(from),
                List.of(),
                !places.isEmpty());
    }

    /** With these cuts, and nothing to ask. */
    static CutSearch found(List<String> cuts, int wanted) {
        return new CutSearch(Side.RECORDS, "", "", wanted, List.of(), 0, 0, null, NONE, NONE, List.of(), cuts, false);
    }

    /** Whether the listing is to be asked, and not the records. */
    public boolean isOfObjects() {
        return side == Side.OBJECTS;
    }

    /** The key whose successor is wanted next. */
    public KeyBehind probe() {
        return new KeyBehind(probed());
    }

    private String probed() {
        return stem == null ? behind(from, places.get(middleOfPlaces())) : stem + probedCharacter();
    }

    /** With the answer to {@link #probe()}. */
    public static CutSearch learn(CutSearch search, KeyBehind answer) {
        return search.learn(answer.key());
    }

    private CutSearch learn(String key) {
        boolean isThere = key != null && KeyOrder.UTF_8.compare(key, upTo) <= 0;
        if (isThere && KeyOrder.UTF_8.compare(key, probed()) <= 0) {
            // a store that does not keep to the order is not one to look ahead in
            return ended(List.of());
        }
        List<String> known = new ArrayList<>(seen);
        if (isThere) {
            known.add(key);
        }
        return stem == null ? learnPlace(isThere, known) : learnGreatest(isThere, known);
    }

    private CutSearch learnPlace(boolean isThere, List<String> known) {
        int middle = middleOfPlaces();
        int excluded = isThere ? lowest : middle + 1;
        int changing = sure;
        if (isThere) {
            // they may change further to the left than was asked
            int changes = sharedLength(from, last(known));
            changing = middle;
            while (changing > lowest && places.get(changing - 1) >= changes) {
                changing--;
            }
        }
        CutSearch next = with(excluded, changing, null, NONE, NONE, known);
        if (excluded < changing) {
            return next;
        }
        return changing == places.size() ? next.ended(List.of()) : next.below(from.substring(0, places.get(changing)));
    }

    private CutSearch learnGreatest(boolean isThere, List<String> known) {
        char probed = probedCharacter();
        return (isThere
                        ? with(lowest, sure, stem, greater(probed, characterBehind(stem, last(known))), possible, known)
                        : with(lowest, sure, stem, greatest, (char) (probed - 1), known))
                .settled();
    }

    /** Begins to look for the greatest character behind a stem that the last of the known keys has, too. */
    private CutSearch below(String nextStem) {
        char bound = upTo.startsWith(nextStem) && upTo.length() > nextStem.length()
                ? lesser(GREATEST, upTo.charAt(nextStem.length()))
                : GREATEST;
        return with(lowest, sure, nextStem, characterBehind(nextStem, last(seen)), bound, seen)
                .settled();
    }

    private CutSearch settled() {
        if (!candidates().isEmpty() || (greatest == alphabet(stem).last() && greatest < possible)) {
            return this;
        }
        List<String> level = firstLevel();
        if (level.size() >= wanted) {
            return ended(evenly(level, wanted));
        }
        String deeper = stem + greatest;
        return stem.equals(shared())
                        && last(seen).startsWith(deeper)
                        && last(seen).length() > deeper.length()
                ? below(deeper)
                : ended(evenly(secondLevel(), wanted));
    }

    /** Any character that a key ahead may have behind the stem and that is greater than those known. */
    private String candidates() {
        return alphabet(stem).between(greatest, possible);
    }

    /** Half way; from the last one of an alphabet on, whatever is behind that. */
    private char probedCharacter() {
        String candidates = candidates();
        return candidates.isEmpty() ? (char) (greatest + 1) : candidates.charAt(candidates.length() / 2);
    }

    /** What all keys ahead begin with, and the last key read, too. */
    private String shared() {
        return from.substring(0, places.get(sure));
    }

    private List<String> firstLevel() {
        return dividing(steps());
    }

    private List<String> secondLevel() {
        String now = shared() + from.charAt(shared().length());
        return dividing(Stream.concat(Stream.of(now), steps())
                .flatMap(step -> Stream.concat(
                        Stream.of(step), alphabetOfNext().characters().chars().mapToObj(next -> step + (char) next))));
    }

    private Stream<String> steps() {
        char now = from.charAt(shared().length());
        char end = characterBehind(shared(), last(seen));
        return alphabet(shared()).between(now, end).chars().mapToObj(step -> shared() + (char) step);
    }

    /** Those that have something behind them. */
    private List<String> dividing(Stream<String> keys) {
        return keys.filter(key -> KeyOrder.UTF_8.compare(from, key) < 0 && KeyOrder.UTF_8.compare(key, last(seen)) < 0)
                .toList();
    }

    /** So many of the keys at the most, at about the same distances. */
    static List<String> evenly(List<String> keys, int wanted) {
        List<String> chosen = new ArrayList<>();
        int cuts = Math.min(wanted, keys.size());
        for (int i = 1; i <= cuts; i++) {
            chosen.add(keys.get((int) ((long) i * keys.size() / (cuts + 1))));
        }
        return chosen;
    }

    private Alphabet alphabet(String beginning) {
        return alphabetAt(beginning, beginning.length());
    }

    private Alphabet alphabetOfNext() {
        return alphabetAt(shared(), shared().length() + 1);
    }

    /** Of what the known keys have at a place. */
    private Alphabet alphabetAt(String beginning, int place) {
        StringBuilder characters = new StringBuilder();
        for (String key : seen) {
            if (key.length() > place && key.startsWith(beginning) && Alphabet.isPlain(key.charAt(place))) {
                characters.append(key.charAt(place));
            }
        }
        return Alphabet.of(characters.toString());
    }

    /** In key order. */
    private static String last(List<String> keys) {
        return keys.stream().max(KeyOrder.UTF_8).orElseThrow();
    }

    private static char characterBehind(String beginning, String key) {
        // what does not have the beginning is behind all that do
        return key.startsWith(beginning) && key.length() > beginning.length()
                ? lesser(GREATEST, key.charAt(beginning.length()))
                : GREATEST;
    }

    private int middleOfPlaces() {
        return (lowest + sure - 1) / 2;
    }

    private CutSearch with(int lowest, int sure, String stem, char greatest, char possible, List<String> seen) {
        return with(lowest, sure, stem, greatest, possible, seen, cuts, isOpen);
    }

    private CutSearch ended(List<String> cuts) {
        return with(lowest, sure, stem, greatest, possible, seen, cuts, false);
    }

    private CutSearch with(
            int lowest,
            int sure,
            String stem,
            char greatest,
            char possible,
            List<String> seen,
            List<String> cuts,
            boolean isOpen) {
        return new CutSearch(
                side, from, upTo, wanted, places, lowest, sure, stem, greatest, possible, seen, cuts, isOpen);
    }

    /** The first plain key that is behind all that begin with so many characters of the key and one more. */
    private static String behind(String key, int place) {
        char next = (char) (key.charAt(place) + 1);
        return key.substring(0, place) + (Alphabet.isPlain(next) ? next : (char) (next + 1));
    }

    private static int sharedLength(String one, String other) {
        int length = 0;
        while (length < one.length() && length < other.length() && one.charAt(length) == other.charAt(length)) {
            length++;
        }
        return length;
    }

    private static char greater(char one, char other) {
        return (char) Math.max(one, other);
    }

    private static char lesser(char one, char other) {
        return (char) Math.min(one, other);
    }
}
