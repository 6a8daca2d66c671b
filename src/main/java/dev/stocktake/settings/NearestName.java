package dev.stocktake.settings;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the name that somebody who misspelt it probably meant. */
final class NearestName {
    private NearestName() {}

    /**
     * The name with the fewest letters to insert, delete or replace, whatever their case.
     *
     * @param furthest how many such changes are still taken for a misspelling
     * @return empty when every name is further away
     */
    static Optional<String> of(String misspelt, Collection<String> names, int furthest) {
        String lower = misspelt.toLowerCase(Locale.ROOT);
        return names.stream()
                .filter(name -> Math.abs(name.length() - misspelt.length()) <= furthest)
                .filter(name -> distance(lower, name.toLowerCase(Locale.ROOT)) <= furthest)
                .min(Comparator.<String>comparingInt(name -> distance(lower, name.toLowerCase(Locale.ROOT)))
                        .thenComparing(Comparator.naturalOrder()));
    }

    /** Levenshtein's distance. */
    private static int distance(String left, String right) {
        int[] row = new int[right.length() + 1];
        for (int column = 0; column <= right.length(); column++) {
            row[column] = column;
        }
        for (int i = 1; i <= left.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= right.length(); j++) {
                int replaced = diagonal + (left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[right.length()];
    }
}
