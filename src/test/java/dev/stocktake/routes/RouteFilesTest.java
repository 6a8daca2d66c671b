package dev.stocktake.routes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The route files are what Camel's schema allows, and tell what they do. */
class RouteFilesTest {
    /** Steps to these leave the routes: a person who looks for them in a log or a drawing finds them by their id. */
    private static final Set<String> OUTWARD = Set.of("sql", "file", "seda", "aws2-s3", "platform-http", "quartz");

    static Stream<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("routes"))) {
            return files.sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyFileIsWhatTheSchemaOfCamelAllows(Path file) throws IOException {
        try (InputStream schema = RouteFilesTest.class.getResourceAsStream("/schema/camelYamlDsl.json")) {
            JsonSchema camel =
                    JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7).getSchema(schema);

            assertThat(camel.validate(read(file))).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyRouteHasAnIdADescriptionAndAShortStory(Path file) throws IOException {
        for (JsonNode entry : read(file)) {
            JsonNode route = entry.get("route");
            if (route != null) {
                assertThat(route.path("id").asText()).matches("[a-z]+(-[a-z]+)+|report|compare|prove");
                assertThat(route.path("description").asText())
                        .as("description of %s", route.path("id"))
                        .hasSizeBetween(20, 120);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyOutwardStepHasAnIdAndADescription(Path file) throws IOException {
        for (JsonNode step : steps(read(file))) {
            String uri = step.path("uri").asText();
            if (OUTWARD.contains(uri.replaceFirst(":.*", "")) && !uri.startsWith("seda:http-runs")) {
                assertThat(step.has("id") && step.has("description"))
                        .as("id and description of the step to %s in %s", step, file)
                        .isTrue();
            }
        }
    }

    private static List<JsonNode> steps(JsonNode node) {
        List<JsonNode> found = new ArrayList<>();
        if (node.has("uri")) {
            found.add(node);
        }
        node.forEach(child -> found.addAll(steps(child)));
        return found;
    }

    private static JsonNode read(Path file) throws IOException {
        return new YAMLMapper().readTree(Files.readString(file));
    }
}
