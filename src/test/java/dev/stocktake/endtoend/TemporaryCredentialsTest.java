package dev.stocktake.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.stocktake.embedded.HostileStore;
import dev.stocktake.fixture.Assets;
import dev.stocktake.fixture.EditedRoutes;
import dev.stocktake.fixture.StartedStocktake;
import dev.stocktake.run.Run;
import dev.stocktake.storage.ClaimObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Keys that come with a session token, and end before long. */
class TemporaryCredentialsTest {
    private final Assets assets = Assets.empty().objects("a", "b").records("a", "b");
    private final Map<String, String> environment = assets.environment();
    private final HostileStore store =
            HostileStore.before(assets.store().endpoint().getPort());

    @TempDir
    private Path folder;

    @BeforeEach
    void setToken() {
        environment.put("S3_ENDPOINT", "http://127.0.0.1:" + store.port());
        environment.put("S3_SESSION_TOKEN", "the-token");
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void everyRequestCarriesTheToken() {
        List<String> tokens = new CopyOnWriteArrayList<>();
        store.refuse(request -> !tokens.add(request.header("x-amz-security-token")), 500, "");

        // this store does not know the header
        run();

        assertThat(tokens).isNotEmpty().containsOnly("the-token");
    }

    @ParameterizedTest
    @CsvSource({
        "400, ExpiredToken, S3_SESSION_TOKEN",
        "403, InvalidAccessKeyId, S3_SESSION_TOKEN",
        "400, AuthorizationHeaderMalformed, S3_REGION"
    })
    void aRefusalNamesTheSetting(int status, String code, String setting) {
        store.refuse(request -> true, status, code);

        Run run = run();

        assertThat(run.failure())
                .contains("(" + status + " " + code + ")", setting)
                .doesNotContain("the-token");
    }

    /** Rather than as a claim that these credentials may not read. */
    @Test
    void credentialsThatEndBeforeTheClaimIsReadAreToldAsThat() {
        environment.remove("S3_SESSION_TOKEN");
        store.refuse(request -> request.key().equals(ClaimObject.KEY), 403, "ExpiredToken");

        Run run = run();

        assertThat(run.suspicions())
                .singleElement()
                .asString()
                .contains(
                        "Whether another database has claimed this bucket cannot be seen. The store refused the session token");
    }

    private Run run() {
        try (StartedStocktake stocktake =
                StartedStocktake.forOneRun(environment, EditedRoutes.in(folder).impatient())) {
            return stocktake.run();
        }
    }
}
