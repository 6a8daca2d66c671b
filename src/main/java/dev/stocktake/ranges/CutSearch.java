package dev.stocktake.ranges;

import dev.stocktake.compare.KeyBehind;
import dev.stocktake.compare.KeyOrder;
import dev.stocktake.compare.KeySpace;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Looks for keys that cut what is left of a range into parts that have something in them, by asking one side a few times for
 * the first key behind some other. Immutable: every answer makes the next.
 *
 * <p>First it finds the leftmost place at which keys still change: the longest beginning of the last key read that all keys
 * ahead share. Then it finds the greatest character that a key ahead has at that place. Between the two it cuts evenly.
 *
 * @param side that is asked
 * @param from the last key read; what is ahead lies behind it
 * @param upTo the end of the range, inclusive
 * @param wanted how many cuts there should be
 * @param everyKeyWillDo whether the store can be asked for what is behind any key, and not just behind plain ones
 * @param places lengths of the beginnings of {@code from} that all keys ahead may share, ascending
 * @param lowest of the places, by number, that is not excluded yet
 * @param sure of the places, by number, at which keys change for sure; as many as there are when none is known
 * @param greatest character known at the place that was found; null until then
 * @param possible the greatest character that there can be at that place
 * @param seen keys known on this side
 * @param cuts what was found, in ascending order
 * @param isOpen whether another answer is needed
 */
public record CutSearch(
        Side side,
        String from,
        String upTo,
        int wanted,
        boolean everyKeyWillDo,
        List<Integer> places,
        int lowest,
        int sure,
        Character greatest,
        char possible,
        List<String> seen,
        List<String> cuts,
        boolean isOpen) {
    /** What is asked. */
    public enum Side {
        OBJECTS,
        RECORDS
    }

    private static final char GREATEST = '~';

    public CutSearch {
        places = List.copyOf(places);
        seen = List.copyOf(seen);
        cuts = List.copyOf(cuts);
    }

    /** Before the first answer. */
    static CutSearch begin(Side side, String from, String upTo, int wanted, boolean everyKeyWillDo) {
        List<Integer> places = new ArrayList<>();
        for (int place = 0; place < from.length() && wanted > 0; place++) {
            if (from.charAt(place) < GREATEST && Alphabet.isPlain(from.charAt(place))) {
                String behind = behind(from, place);
                if (KeyOrder.UTF_8.compare(behind, upTo) < 0 && isUsable(behind, everyKeyWillDo)) {
                    places.add(place);
                }
            }
        }
        return new CutSearch(
                side,
                from,
                upTo,
                wanted,
                everyKeyWillDo,
                places,
                0,
                places.size(),
                null,
                GREATEST,
                List.of(from),
                List.of(),
                !places.isEmpty());
    }

    /** With these cuts, and nothing to ask. */
    static CutSearch found(List<String> cuts, int wanted) {
        return new CutSearch(
                Side.RECORDS, "", "", wanted, false, List.of(), 0, 0, null, GREATEST, List.of(), cuts, false);
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
        return greatest == null ? behind(from, places.get(middleOfPlaces())) : shared() + probedCharacter();
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
        if (greatest == null) {
            int middle = middleOfPlaces();
            if (!isThere) {
                return with(middle + 1, sure, null, possible, known).settled();
            }
            // it may change further to the left than was asked
            int changes = sharedLength(from, key);
            int place = middle;
            while (place > lowest && places.get(place - 1) >= changes) {
                place--;
            }
            return with(lowest, place, null, possible, known).settled();
        }
        char probed = probedCharacter();
        return isThere
                ? with(lowest, sure, greater(probed, characterAtPlace(key)), possible, known)
                        .settled()
                : with(lowest, sure, greatest, (char) (probed - 1), known).settled();
    }

    private CutSearch settled() {
        if (greatest == null) {
            if (lowest < sure) {
                return this;
            }
            if (sure == places.size()) {
                return ended(List.of());
            }
            char known =
                    greater((char) (from.charAt(places.get(sure)) + 1), characterAtPlace(seen.get(seen.size() - 1)));
            char bound = upTo.startsWith(shared()) && upTo.length() > shared().length()
                    ? lesser(GREATEST, upTo.charAt(shared().length()))
                    : GREATEST;
            return with(lowest, sure, known, bound, seen).settled();
        }
        return isGreatestCertain() ? ended(evenCuts()) : this;
    }

    /** Any character that a key ahead may have at the place and that is greater than those known. */
    private String candidates() {
        return alphabet(0).between(greatest, possible);
    }

    /** Half way; from the last one of an alphabet on, whatever is behind that. */
    private char probedCharacter() {
        String candidates = candidates();
        return candidates.isEmpty() ? (char) (greatest + 1) : candidates.charAt(candidates.length() / 2);
    }

    private boolean isGreatestCertain() {
        return candidates().isEmpty() && (greatest != alphabet(0).last() || greatest >= possible);
    }

    private List<String> evenCuts() {
        String steps = alphabet(0).between(from.charAt(shared().length()), greatest);
        List<String> cuts = dividing(steps.chars().mapToObj(step -> shared() + (char) step));
        if (cuts.size() < wanted) {
            String first = shared() + from.charAt(shared().length());
            cuts = dividing(Stream.concat(Stream.of(first), steps.chars().mapToObj(step -> shared() + (char) step))
                    .flatMap(step -> Stream.concat(
                            Stream.of(step), alphabet(1).characters().chars().mapToObj(next -> step + (char) next))));
        }
        return evenly(cuts, wanted);
    }

    /** Those that can be used and have something behind them. */
    private List<String> dividing(Stream<String> cuts) {
        String last = seen.stream().max(KeyOrder.UTF_8).orElse(from);
        return cuts.filter(cut -> KeyOrder.UTF_8.compare(from, cut) < 0 && KeyOrder.UTF_8.compare(cut, last) < 0)
                .filter(cut -> isUsable(cut, everyKeyWillDo))
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

    /** Of what the known keys have so far behind what they share. */
    private Alphabet alphabet(int offset) {
        int place = shared().length() + offset;
        StringBuilder characters = new StringBuilder();
        for (String key : seen) {
            if (key.length() > place && key.startsWith(shared()) && Alphabet.isPlain(key.charAt(place))) {
                characters.append(key.charAt(place));
            }
        }
        return Alphabet.of(characters.toString());
    }

    private String shared() {
        return from.substring(0, places.get(sure));
    }

    private char characterAtPlace(String key) {
        // what does not share the beginning is behind all that do
        return key.startsWith(shared()) && key.length() > shared().length()
                ? lesser(GREATEST, key.charAt(shared().length()))
                : GREATEST;
    }

    private int middleOfPlaces() {
        return (lowest + sure - 1) / 2;
    }

    private CutSearch with(int lowest, int sure, Character greatest, char possible, List<String> seen) {
        return new CutSearch(
                side, from, upTo, wanted, everyKeyWillDo, places, lowest, sure, greatest, possible, seen, cuts, isOpen);
    }

    private CutSearch ended(List<String> cuts) {
        return new CutSearch(
                side, from, upTo, wanted, everyKeyWillDo, places, lowest, sure, greatest, possible, seen, cuts, false);
    }

    /** The first plain key that is behind all that begin with so many characters of the key and one more. */
    private static String behind(String key, int place) {
        char next = (char) (key.charAt(place) + 1);
        return key.substring(0, place) + (Alphabet.isPlain(next) ? next : (char) (next + 1));
    }

    private static boolean isUsable(String key, boolean everyKeyWillDo) {
        return everyKeyWillDo || KeySpace.isPlain(key);
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
