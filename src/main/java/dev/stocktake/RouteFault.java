package dev.stocktake;

import dev.stocktake.text.Visible;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.PropertyBindingException;
import org.apache.camel.ResolveEndpointFailedException;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;

/**
 * Where in the route files a failure to start comes from. Camel tells file and line of wrong YAML, the id of a route that
 * it cannot make, and the name of a bean; the line of the latter two is looked up here.
 */
final class RouteFault {
    private static final Pattern PLACE = Pattern.compile("in file:(?<file>.*), line (?<line>\\d+), column \\d+");
    private static final Pattern PARSED_FILE = Pattern.compile("Error pre-parsing resource: file:(?<file>.*)");
    private static final Pattern BEAN =
            Pattern.compile("Error creating bean: (?<name>\\S+) of type: #class:(?<type>\\S+)");
    private static final Pattern DUPLICATE = Pattern.compile("Duplicate route ids detected: (?<id>[^.,]+)");
    private static final int LONGEST_REASON = 300;

    private final List<SourceFile> files;

    private RouteFault(List<SourceFile> files) {
        this.files = files;
    }

    /** One line that begins with file and line; empty when the failure is not about the route files. */
    static Optional<String> explain(Throwable failure, List<Path> routeFiles) {
        RouteFault fault =
                new RouteFault(routeFiles.stream().map(SourceFile::read).toList());
        List<Throwable> causes = new ArrayList<>();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            causes.add(cause);
        }
        return fault.wrongYaml(causes)
                .or(() -> fault.wrongBean(causes))
                .or(() -> fault.wrongRoute(causes))
                .or(() -> fault.wrongReference(causes));
    }

    /** A route refers to something that no route file has. */
    static final class DanglingReferenceException extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final String routeId;
        private final String reference;

        DanglingReferenceException(String routeId, String reference, String reason) {
            super(reason);
            this.routeId = routeId;
            this.reference = reference;
        }
    }

    private Optional<String> wrongYaml(List<Throwable> causes) {
        for (Throwable cause : causes) {
            String message = String.valueOf(cause.getMessage());
            Matcher place = PLACE.matcher(message);
            if (place.find()) {
                String reason = cause instanceof MarkedYamlEngineException marked
                        ? marked.getProblem()
                        : message.lines().findFirst().orElse(message);
                // where several places are told, the last is that of the problem
                String file = place.group("file");
                String line = place.group("line");
                while (place.find()) {
                    file = place.group("file");
                    line = place.group("line");
                }
                return Optional.of(line(file, Integer.parseInt(line), reason));
            }
        }
        return Optional.empty();
    }

    private Optional<String> wrongBean(List<Throwable> causes) {
        String file = null;
        for (Throwable cause : causes) {
            String message = String.valueOf(cause.getMessage());
            Matcher parsed = PARSED_FILE.matcher(message);
            if (parsed.matches()) {
                file = parsed.group("file");
            }
            Matcher bean = BEAN.matcher(message);
            if (file != null && bean.find()) {
                Throwable root = causes.get(causes.size() - 1);
                String reason = root instanceof ClassNotFoundException
                        ? "there is no class " + root.getMessage()
                        : String.valueOf(root.getMessage());
                String place = file;
                int line = files.stream()
                        .filter(each -> each.path().endsWith(Path.of(place).getFileName()))
                        .map(each -> each.lineOf("name", bean.group("name"), 0))
                        .findFirst()
                        .orElse(1);
                return Optional.of(line(file, line, "bean " + bean.group("name") + ": " + reason));
            }
        }
        return Optional.empty();
    }

    private Optional<String> wrongRoute(List<Throwable> causes) {
        for (Throwable cause : causes) {
            if (cause instanceof FailedToCreateRouteException failed) {
                Matcher duplicate = DUPLICATE.matcher(String.valueOf(failed.getMessage()));
                if (duplicate.find()) {
                    return duplicate(duplicate.group("id"));
                }
                Throwable root = causes.get(causes.size() - 1);
                List<String> hints = causes.stream()
                        .filter(each -> !(each instanceof FailedToCreateRouteException
                                || each instanceof ResolveEndpointFailedException
                                || each instanceof PropertyBindingException))
                        .map(each -> String.valueOf(each.getMessage()))
                        .toList();
                return at(failed.getRouteId(), hints, String.valueOf(root.getMessage()));
            }
        }
        return Optional.empty();
    }

    private Optional<String> wrongReference(List<Throwable> causes) {
        for (Throwable cause : causes) {
            if (cause instanceof DanglingReferenceException dangling) {
                return at(dangling.routeId, List.of(dangling.reference), dangling.getMessage());
            }
        }
        return Optional.empty();
    }

    private Optional<String> duplicate(String routeId) {
        Optional<String> found = Optional.empty();
        for (SourceFile file : files) {
            for (int line = file.lineOf("id", routeId, 0); line > 0; line = file.lineOf("id", routeId, line)) {
                found = Optional.of(line(file.path().toString(), line, "the route id " + routeId + " is there twice"));
            }
        }
        return found;
    }

    private Optional<String> at(String routeId, List<String> hints, String reason) {
        for (SourceFile file : files) {
            int start = file.lineOf("id", routeId, 0);
            if (start > 0) {
                int line = file.lineOfRoute(start, hints);
                return Optional.of(line(file.path().toString(), line, "route " + routeId + ": " + reason));
            }
        }
        return Optional.empty();
    }

    private static String line(String file, int line, String reason) {
        String oneLine = Visible.text(
                reason.strip().replaceFirst(" of type: [\\w.$]+", "").replaceAll("\\s*\\R\\s*", "; "));
        String shown = oneLine.length() <= LONGEST_REASON ? oneLine : oneLine.substring(0, LONGEST_REASON) + "…";
        return Visible.text(file) + ":" + line + ": " + shown;
    }

    /** One route file; lines are counted from 1. */
    private record SourceFile(Path path, List<String> lines) {
        private static final Pattern FIELD = Pattern.compile("[\\s-]*(?<name>[\\w.-]+):\\s*(?<value>.*?)\\s*");
        private static final int SHORTEST_HINT = 4;

        static SourceFile read(Path path) {
            try {
                return new SourceFile(path, Files.readAllLines(path));
            } catch (IOException unreadable) {
                throw new UncheckedIOException(unreadable);
            }
        }

        /** The first line behind another that sets the field to the value; 0 for none. */
        int lineOf(String name, String value, int behind) {
            for (int i = behind; i < lines.size(); i++) {
                Matcher field = FIELD.matcher(lines.get(i));
                if (field.matches()
                        && field.group("name").equals(name)
                        && plain(field.group("value")).equals(value)) {
                    return i + 1;
                }
            }
            return 0;
        }

        /** The line of the route that a hint speaks of; the line it starts on where none does. */
        int lineOfRoute(int start, List<String> hints) {
            for (int i = start; i < lines.size() && !lines.get(i).startsWith("- "); i++) {
                Matcher field = FIELD.matcher(lines.get(i));
                String text = plain(
                        field.matches() ? field.group("value") : lines.get(i).strip());
                if (text.length() >= SHORTEST_HINT && hints.stream().anyMatch(hint -> hint.contains(text))) {
                    return i + 1;
                }
            }
            return start;
        }

        private static String plain(String value) {
            String unquoted = value.replaceAll("^[\"']|[\"']$", "");
            return unquoted.startsWith("#") ? unquoted.substring(1) : unquoted;
        }
    }
}
