package dev.stocktake.http;

import java.util.Locale;

/** What a client accepts, as RFC 9110 reads its {@code Accept} header. */
final class Accept {
    private final String header;

    /**
     * Reads a header.
     *
     * @param header null where there is none
     */
    Accept(String header) {
        this.header = header == null ? "" : header.toLowerCase(Locale.ROOT);
    }

    /** Whether plain text is wanted more than JSON, which is the default. */
    boolean prefersText() {
        return quality("text", "plain") > quality("application", "json");
    }

    /** From 0 to 1, by the most specific range that the type is in. */
    private double quality(String type, String subtype) {
        double quality = 0;
        int specificity = 0;
        for (String range : header.split(",", -1)) {
            String[] parts = range.split(";", -1);
            int matched = specificity(parts[0].strip(), type, subtype);
            if (matched > specificity) {
                specificity = matched;
                quality = weight(parts);
            }
        }
        return quality;
    }

    private static int specificity(String range, String type, String subtype) {
        if (range.equals(type + "/" + subtype)) {
            return 3;
        }
        if (range.equals(type + "/*")) {
            return 2;
        }
        return range.equals("*/*") ? 1 : 0;
    }

    private static double weight(String[] parts) {
        for (int i = 1; i < parts.length; i++) {
            String parameter = parts[i].strip();
            if (parameter.startsWith("q=")) {
                try {
                    return Double.parseDouble(parameter.substring(2));
                } catch (NumberFormatException nonsense) {
                    return 0;
                }
            }
        }
        return 1;
    }
}
