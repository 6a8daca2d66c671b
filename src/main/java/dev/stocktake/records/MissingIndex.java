package dev.stocktake.records;

import dev.stocktake.compare.KeySpace;
import java.util.regex.Pattern;

/**
 * The index in byte order that a table may lack.
 *
 * @param table quoted where it must be
 * @param key the expression of the key
 */
record MissingIndex(String table, String key) {
    private static final Pattern COLUMN = Pattern.compile("[a-z_][a-z0-9_$]*|\"([^\"]|\"\")+\"");

    /** The statement that makes it. Long keys are left out, because no index can hold them and no object can have them. */
    String statement() {
        String indexed = COLUMN.matcher(key).matches() ? key : "(" + key + ")";
        return "CREATE INDEX CONCURRENTLY ON " + table + " (" + indexed + " COLLATE \"C\") WHERE " + indexable() + ";";
    }

    /** A query whose order it gives. */
    String orderedQuery() {
        return "SELECT FROM " + table + " WHERE " + indexable() + " ORDER BY (" + key + ") COLLATE \"C\"";
    }

    private String indexable() {
        return "octet_length(" + key + ") <= " + KeySpace.LONGEST_KEY;
    }

    /**
     * The expression with the alias taken off its columns.
     *
     * @param expression as PostgreSQL writes it
     * @param alias quoted where it must be
     */
    static String withoutAlias(String expression, String alias) {
        String qualifier = alias + ".";
        StringBuilder plain = new StringBuilder(expression.length());
        int at = 0;
        while (at < expression.length()) {
            char character = expression.charAt(at);
            if (expression.startsWith(qualifier, at) && !continuesName(expression, at)) {
                at += qualifier.length();
            } else if (character == '\'' || character == '"') {
                int end = expression.indexOf(character, at + 1);
                plain.append(expression, at, end + 1);
                at = end + 1;
            } else {
                plain.append(character);
                at++;
            }
        }
        return plain.toString();
    }

    private static boolean continuesName(String expression, int at) {
        if (at == 0) {
            return false;
        }
        char before = expression.charAt(at - 1);
        return Character.isLetterOrDigit(before) || before == '_' || before == '$' || before == '.' || before == '"';
    }
}
