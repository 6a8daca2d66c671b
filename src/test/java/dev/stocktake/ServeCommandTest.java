package dev.stocktake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.BuiltJar;
import dev.stocktake.fixture.EditedRoutes;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The service as an operator meets it. */
class ServeCommandTest {
    private static final Pattern LISTENING = Pattern.compile("Listening on http://127\\.0\\.0\\.1:(\\d+)");

    @TempDir
    private Path folder;

    private Assets assets;
    private Map<String, String> environment;

    @BeforeEach
    void prepare() throws IOException {
        assets = Assets.empty();
        environment = assets.environment();
        EditedRoutes.in(Files.createDirectory(folder.resolve("routes")));
    }

    @Test
    void itServesUntilItIsAskedToStopAndThenEndsQuietly() throws Exception {
        assets.objects("a", "only-a-file").records("a");
        Process process = new BuiltJar(folder, environment).start("serve");
        try (BufferedReader errors = process.errorReader()) {
            int port = portTold(errors);
            HttpResponse<String> answer = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/cron/maintenance"))
                                    .header("Authorization", "Bearer " + environment.get("CRON_SECRET"))
                                    .header("Accept", "text/plain")
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).contains("Found 1 orphaned file:\n  - only-a-file");

            // not process.destroy(), which closes the streams as well
            process.toHandle().destroy();

            assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(errors.lines()).noneMatch(line -> line.contains("Exception") || line.contains("\tat "));
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void aShortOrMissingSecretIsRefused() {
        environment.put("CRON_SECRET", "fifteen-letters");
        assertRefused("CRON_SECRET");
        environment.remove("CRON_SECRET");
        assertRefused("CRON_SECRET");
    }

    @Test
    void aPortThatIsTakenIsToldInOneLine() throws IOException {
        try (ServerSocket taken = new ServerSocket(0)) {
            environment.put("PORT", Integer.toString(taken.getLocalPort()));
            assertRefused("HOST and PORT");
        }
    }

    @Test
    void itSaysLoudlyThatAutomaticDeletionIsOn() throws Exception {
        environment.put("AUTO_DELETE_ORPHANS", "true");
        Process process = new BuiltJar(folder, environment).start("serve");
        try (BufferedReader errors = process.errorReader()) {
            List<String> told = new ArrayList<>();
            for (String line = errors.readLine();
                    line != null && !LISTENING.matcher(line).find();
                    line = errors.readLine()) {
                told.add(line);
            }

            assertThat(told)
                    .anySatisfy(line ->
                            assertThat(line).contains("WARN", "AUTO_DELETE_ORPHANS IS ON", assets.bucket(), "30 days"));
        } finally {
            process.destroyForcibly();
        }
    }

    private void assertRefused(String setting) {
        BuiltJar.Result result = new BuiltJar(folder, environment).run("serve");

        assertThat(result.errors().strip().lines()).singleElement().asString().startsWith(setting);
        assertThat(result.errors()).doesNotContain("fifteen-letters");
        assertThat(result.exitStatus()).isEqualTo(2);
    }

    private static int portTold(BufferedReader errors) throws IOException {
        for (String line = errors.readLine(); line != null; line = errors.readLine()) {
            Matcher listening = LISTENING.matcher(line);
            if (listening.find()) {
                return Integer.parseInt(listening.group(1));
            }
        }
        throw new AssertionError("The service ended without listening");
    }
}
