package dev.stocktake;

import dev.stocktake.settings.SettingsException;
import dev.stocktake.text.Visible;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.ToDefinition;

/**
 * The folder with the route files.
 *
 * @param folder exists and holds at least one {@code *.camel.yaml}
 */
public record Routes(Path folder) {
    /** Where every run enters the routes. */
    static final List<String> ENTRIES = List.of("direct:open-run", "direct:perform-run");

    /** Where it is seen whose files the bucket's are. */
    static final String CLAIM = "direct:look-at-claim";

    /** Where every plan is made. */
    static final String PLAN = "direct:make-plan";

    /** Where every plan that was confirmed does. */
    static final List<String> CLEANUP = List.of("direct:begin-plan", "direct:execute-plan");

    /** Where every undoing does. */
    static final String RESTORE = "direct:restore-plan";

    /** Where everything that was quarantined ends. */
    static final String PURGE = "direct:purge-quarantine";

    /** Where what is old goes, after every run. */
    static final String FORGET = "direct:forget-findings";

    private static final String SETTING = "STOCKTAKE_ROUTES";

    /**
     * The folder that {@code STOCKTAKE_ROUTES} names, else {@code routes} in the working directory.
     *
     * @throws SettingsException when it holds no route files
     */
    public static Routes in(Path workingDirectory, Map<String, String> environment) {
        String setting = environment.getOrDefault(SETTING, "");
        Path folder = workingDirectory.resolve(setting.isBlank() ? "routes" : setting);
        try (Stream<Path> files = Files.list(folder)) {
            if (files.noneMatch(Routes::isRouteFile)) {
                throw refused(folder);
            }
        } catch (IOException unreadable) {
            throw refused(folder);
        }
        return new Routes(folder);
    }

    /** As Camel loads them. */
    String includePattern() {
        return "file:" + folder + "/*.camel.yaml";
    }

    /** Says which file and line a failure to start comes from and why, on one line; empty when it is not from here. */
    Optional<String> explain(Throwable failure) {
        return RouteFault.explain(failure, files());
    }

    private List<Path> files() {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Routes::isRouteFile).sorted().toList();
        } catch (IOException vanished) {
            throw new UncheckedIOException(vanished);
        }
    }

    private static boolean isRouteFile(Path file) {
        return file.getFileName().toString().endsWith(".camel.yaml");
    }

    /**
     * Refuses routes that refer to a route or a route configuration that is not there, which Camel itself would notice
     * in the middle of a run or never.
     *
     * @param started with these routes loaded
     * @throws RouteFault.DanglingReferenceException for the first such
     */
    void refuseDanglingReferences(ModelCamelContext started) {
        Set<String> beginnings = started.getRoutes().stream()
                .map(route -> route.getEndpoint().getEndpointBaseUri())
                .collect(Collectors.toSet());
        for (RouteDefinition route : started.getRouteDefinitions()) {
            for (ToDefinition step :
                    ProcessorDefinitionHelper.filterTypeInOutputs(route.getOutputs(), ToDefinition.class)) {
                String uri = step.getUri();
                if (uri.startsWith("direct:") && !beginnings.contains(uri.replaceFirst("^direct:(//)?", "direct://"))) {
                    throw new RouteFault.DanglingReferenceException(route.getId(), uri, "no route begins with " + uri);
                }
            }
            String configuration = route.getRouteConfigurationId();
            if (configuration != null && started.getRouteConfigurationDefinition(configuration) == null) {
                throw new RouteFault.DanglingReferenceException(
                        route.getId(), configuration, "there is no routeConfiguration " + configuration);
            }
        }
        List<String> entries = Stream.of(ENTRIES, CLEANUP, List.of(CLAIM, PLAN, RESTORE, PURGE, FORGET))
                .flatMap(List::stream)
                .toList();
        for (String entry : entries) {
            if (!beginnings.contains(entry.replace(":", "://"))) {
                throw new SettingsException(List.of("The folder " + Visible.text(folder.toString())
                        + " must have a route that begins with " + entry + ", was: none"));
            }
        }
    }

    private static SettingsException refused(Path folder) {
        return new SettingsException(
                List.of(SETTING + " must be a folder with *.camel.yaml files (default: ./routes), was: \""
                        + Visible.text(folder.toString()) + "\""));
    }
}
