package dev.stocktake.records;

import java.util.Arrays;
import org.postgresql.core.Parser;

/**
 * The text of a statement, and what of it PostgreSQL reads as code.
 *
 * @param code as long as the text, with a space for each character of a comment and a Q for each that is quoted
 */
record SqlText(String text, String code) {
    static SqlText of(String text) {
        char[] characters = text.toCharArray();
        char[] code = characters.clone();
        for (int at = 0; at < characters.length; at++) {
            int last = Math.min(lastOfToken(characters, at), characters.length - 1);
            boolean comment = last > at && (characters[at] == '-' || characters[at] == '/');
            if (last > at || characters[at] == '\'' || characters[at] == '"') {
                Arrays.fill(code, at, last + 1, comment ? ' ' : 'Q');
            }
            at = last;
        }
        return new SqlText(text, new String(code));
    }

    /** The same character where neither a comment nor something quoted begins. */
    private static int lastOfToken(char[] text, int at) {
        return switch (text[at]) {
            case '\'' -> Parser.parseSingleQuotes(text, at, true);
            case '"' -> Parser.parseDoubleQuotes(text, at);
            case '$' -> Parser.parseDollarQuotes(text, at);
            case '-' -> Parser.parseLineComment(text, at);
            case '/' -> Parser.parseBlockComment(text, at);
            default -> at;
        };
    }

    boolean isBlank() {
        return code.isBlank();
    }

    boolean holds(char character) {
        return code.indexOf(character) >= 0;
    }

    /** Without the semicolons, comments and spaces at its end. */
    SqlText withoutEnd() {
        int end = code.length();
        while (end > 0 && (code.charAt(end - 1) == ';' || Character.isWhitespace(code.charAt(end - 1)))) {
            end--;
        }
        return new SqlText(text.substring(0, end), code.substring(0, end));
    }

    /** As the driver takes it: a question mark that stands for no parameter is written twice. */
    String withoutParameters() {
        StringBuilder escaped = new StringBuilder(text.length());
        for (int at = 0; at < text.length(); at++) {
            escaped.append(text.charAt(at));
            if (code.charAt(at) == '?') {
                escaped.append('?');
            }
        }
        return escaped.toString();
    }
}
