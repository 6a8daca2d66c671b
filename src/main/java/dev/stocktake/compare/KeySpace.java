package dev.stocktake.compare;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/**
 * All the keys one run looks at: those that begin with a prefix, or every key when the prefix is empty.
 *
 * @param prefix as S3 understands it: by bytes, no separator implied
 */
public record KeySpace(String prefix) {
    /** Of S3: the longest a key can be, in bytes of UTF-8. */
    public static final int LONGEST_KEY = 1024;

    /** No key is greater: the longest there can be, of the greatest code point. */
    private static final String GREATEST_KEY =
            Character.toString(Character.MAX_CODE_POINT).repeat(LONGEST_KEY / 4);

    /** The upper end of the key space, inclusive. */
    public String end() {
        return prefix + GREATEST_KEY;
    }

    /** Whether the key can name an object at all, whatever the bucket holds. */
    public static boolean isPossible(String key) {
        return !key.isEmpty()
                && (key.length() <= LONGEST_KEY / 4 || key.getBytes(StandardCharsets.UTF_8).length <= LONGEST_KEY);
    }

    /**
     * Cuts the key space at the given keys, so that every key lies in exactly one range.
     *
     * @param cuts in any order; those that repeat or lie outside are left out
     * @return at least one range, in key order
     */
    public List<Range> cutAt(Collection<String> cuts) {
        TreeSet<String> ends = new TreeSet<>(KeyOrder.UTF_8);
        for (String cut : cuts) {
            if (cut.startsWith(prefix) && !cut.equals(prefix) && KeyOrder.UTF_8.compare(cut, end()) < 0) {
                ends.add(cut);
            }
        }
        ends.add(end());
        List<Range> ranges = new ArrayList<>(ends.size());
        String after = "";
        for (String upTo : ends) {
            ranges.add(new Range(ranges.size(), after, upTo));
            after = upTo;
        }
        return List.copyOf(ranges);
    }

    /**
     * The lower end of what begins with a folder's name, exclusive: no possible key lies between it and the folder.
     *
     * @param folder ends in {@code /}
     */
    public static String endBefore(String folder) {
        if (!folder.endsWith("/")) {
            throw new IllegalArgumentException("A folder must end in /, was: " + folder);
        }
        // the full stop is the character before the slash
        return folder.substring(0, folder.length() - 1) + "." + GREATEST_KEY;
    }

    /** Whether the ranges, as they stand, leave no gap and overlap nowhere from the start of the key space to its end. */
    public boolean isTiledBy(List<Range> ranges) {
        String after = "";
        for (Range range : ranges) {
            if (!range.after().equals(after) || KeyOrder.UTF_8.compare(range.after(), range.upTo()) >= 0) {
                return false;
            }
            after = range.upTo();
        }
        return after.equals(end());
    }
}
