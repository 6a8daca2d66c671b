package dev.stocktake.ranges;

import java.util.List;

/**
 * The characters that keys seem to be made of at some place: the smallest of the usual sets that holds those seen there.
 * Keys are cut only at these, so that they lie about evenly between the cuts.
 *
 * @param characters in ascending order; plain ASCII without space and percent sign
 */
record Alphabet(String characters) {
    private static final String DIGITS = span('0', '9');
    private static final String UPPER = span('A', 'Z');
    private static final String LOWER = span('a', 'z');

    private static final Alphabet PLAIN = new Alphabet(span('!', '$') + span('&', '~'));
    private static final List<Alphabet> USUAL = List.of(
            new Alphabet(DIGITS),
            new Alphabet(DIGITS + "abcdef"),
            new Alphabet(DIGITS + "ABCDEF"),
            new Alphabet(LOWER),
            new Alphabet(UPPER),
            new Alphabet(DIGITS + LOWER),
            new Alphabet(DIGITS + UPPER),
            new Alphabet(DIGITS + UPPER + LOWER),
            PLAIN);

    /** The smallest one with all these characters; the largest when no set has them all. */
    static Alphabet of(String seen) {
        return USUAL.stream()
                .filter(usual -> seen.chars().allMatch(usual::has))
                .findFirst()
                .orElse(PLAIN);
    }

    /** Whether every store takes the character for what it is. */
    static boolean isPlain(char character) {
        return PLAIN.has(character);
    }

    private boolean has(int character) {
        return characters.indexOf(character) >= 0;
    }

    char last() {
        return characters.charAt(characters.length() - 1);
    }

    int size() {
        return characters.length();
    }

    /** How many of its characters are less. */
    int below(char character) {
        int below = 0;
        while (below < size() && characters.charAt(below) < character) {
            below++;
        }
        return below;
    }

    /** Those greater than one and at most the other. */
    String between(char after, char upTo) {
        return upTo <= after ? "" : characters.substring(below((char) (after + 1)), below((char) (upTo + 1)));
    }

    private static String span(char from, char to) {
        StringBuilder span = new StringBuilder();
        for (char character = from; character <= to; character++) {
            span.append(character);
        }
        return span.toString();
    }
}
