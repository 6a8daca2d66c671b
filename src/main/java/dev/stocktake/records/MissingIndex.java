package dev.stocktake.records;

import dev.stocktake.compare.KeySpace;
import java.util.regex.Pattern;

/** The index in byte order that a table lacks. */
final class MissingIndex {
    private static final Pattern COLUMN = Pattern.compile("[a-z_][a-z0-9_$]*|\"([^\"]|\"\")+\"");

    private MissingIndex() {}

    /**
     * The statement that makes it. Long keys are left out, because no index can hold them and no object can have them.
     *
     * @param table quoted where it must be
     * @param key the expression of the key
     */
    static String statement(String table, String key) {
        String indexed = COLUMN.matcher(key).matches() ? key : "(" + key + ")";
        return "CREATE INDEX CONCURRENTLY ON " + table + " (" + indexed + " COLLATE \"C\") WHERE octet_length(" + key
                + ") <= " + KeySpace.LONGEST_KEY + ";";
    }

    /** Whether an expression names a column by this alias. */
    static boolean names(String expression, String alias) {
        return !withoutAlias(expression, alias).equals(expression);
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
