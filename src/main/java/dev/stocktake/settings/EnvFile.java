package dev.stocktake.settings;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A {@code .env} file as shells and Compose read it: {@code NAME=value}, with or without {@code export}, values plain
 * or in single or double quotes (which may span lines), comments from a {@code #} that begins a line or follows a
 * space. Nothing is substituted: a {@code $} is a dollar sign.
 *
 * <p>Not a library's, because dotenv-java 3.2.0 cuts {@code a#b} to {@code a} without a word, keeps single quotes,
 * refuses {@code export}, drops the rest of the file after an open quote, and prints values in its exceptions.
 */
final class EnvFile {
    private static final Pattern NAME = Pattern.compile("\\s*(?:export\\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\\s*=");
    private static final Pattern IGNORED = Pattern.compile("\\s*(?:#.*)?");
    private static final Pattern COMMENT = Pattern.compile("\\s+#.*$");
    private static final Pattern ESCAPE = Pattern.compile("\\\\([\\\\\"$nr])");

    private final Path file;
    private final List<String> lines;
    private final Map<String, String> values = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();
    private int next;

    private EnvFile(Path file, List<String> lines) {
        this.file = file;
        this.lines = lines;
    }

    /**
     * The file's values by name, the last of two equal names. No message holds any text of the file but names.
     *
     * @throws SettingsException with every line that cannot be read
     */
    static Map<String, String> read(Path file) {
        EnvFile read;
        try {
            read = new EnvFile(
                    file,
                    Files.readString(file).replaceFirst("^\uFEFF", "").lines().toList());
        } catch (CharacterCodingException e) {
            throw new SettingsException(List.of(file + " must be UTF-8 text"));
        } catch (IOException e) {
            throw new SettingsException(
                    List.of(file + " cannot be read: " + e.getClass().getSimpleName()));
        }
        while (read.next < read.lines.size()) {
            read.entry();
        }
        if (!read.problems.isEmpty()) {
            throw new SettingsException(read.problems);
        }
        return read.values;
    }

    private void entry() {
        String line = lines.get(next++);
        if (IGNORED.matcher(line).matches()) {
            return;
        }
        Matcher name = NAME.matcher(line);
        if (!name.lookingAt()) {
            problem(next, "must be NAME=value, or a comment that begins with #");
            return;
        }
        String rest = line.substring(name.end());
        String value = rest.stripLeading();
        if (value.startsWith("\"") || value.startsWith("'")) {
            quoted(name.group(1), value);
        } else {
            values.put(name.group(1), COMMENT.matcher(rest).replaceFirst("").strip());
        }
    }

    private void quoted(String name, String firstLine) {
        int opened = next;
        char quote = firstLine.charAt(0);
        String text = firstLine;
        int end = closing(text, quote);
        while (end < 0 && next < lines.size()) {
            text = text + "\n" + lines.get(next++);
            end = closing(text, quote);
        }
        if (end < 0) {
            // read on after the line, so that one forgotten quote does not hide the problems below it
            next = opened;
            problem(opened, "opens a quote for " + name + " that is never closed");
        } else if (!IGNORED.matcher(text.substring(end + 1)).matches()) {
            problem(opened, "has text after the closing quote of " + name);
        } else {
            String value = text.substring(1, end);
            values.put(name, quote == '"' ? unescaped(value) : value);
        }
    }

    private static int closing(String text, char quote) {
        for (int index = 1; index < text.length(); index++) {
            if (text.charAt(index) == quote) {
                return index;
            }
            if (quote == '"' && text.charAt(index) == '\\') {
                index++;
            }
        }
        return -1;
    }

    private static String unescaped(String value) {
        return ESCAPE.matcher(value)
                .replaceAll(escape -> Matcher.quoteReplacement(
                        switch (escape.group(1)) {
                            case "n" -> "\n";
                            case "r" -> "\r";
                            default -> escape.group(1);
                        }));
    }

    private void problem(int line, String problem) {
        problems.add(file + " line " + line + " " + problem);
    }
}
