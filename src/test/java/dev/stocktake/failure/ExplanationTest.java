package dev.stocktake.failure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.zaxxer.hikari.HikariDataSource;
import dev.stocktake.compare.PageException;
import dev.stocktake.database.Databases;
import dev.stocktake.embedded.EmbeddedDatabase.Database;
import dev.stocktake.fixture.TestServers;
import dev.stocktake.settings.DatabaseUrl;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.apache.camel.CamelExchangeException;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.SystemPropertyCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;

class ExplanationTest {
    private static final String PASSWORD = "correct-horse-battery";
    private static final String BUCKET = "the bucket \"assets\" at https://store.example.org";

    private static final Database DATABASE = TestServers.databases().create();

    private static HikariDataSource recordsDatabase;
    private static HikariDataSource resultsDatabase;

    private final Explanation explanation = new Explanation(
            BUCKET,
            DatabaseUrl.parse("postgres://reader:" + PASSWORD + "@db.example.org/shop")
                    .display(),
            "reader",
            DatabaseUrl.parse("postgres://writer:" + PASSWORD + "@results.example.org/stocktake")
                    .display());

    @BeforeAll
    static void open() {
        String reader = DATABASE.name() + "_reader";
        DATABASE.execute("CREATE ROLE " + reader + " LOGIN");
        recordsDatabase = Databases.records(DatabaseUrl.parse(DATABASE.url(reader, PASSWORD)), 2);
        resultsDatabase = Databases.results(DatabaseUrl.parse(DATABASE.url()), 2);
    }

    @AfterAll
    static void close() {
        recordsDatabase.close();
        resultsDatabase.close();
    }

    // the store

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "404; NoSuchBucket; The store says that the bucket does not exist (404 NoSuchBucket). Check S3_BUCKET and S3_ENDPOINT.",
                "403; InvalidAccessKeyId; The store refused the credentials for the bucket (403 InvalidAccessKeyId). Check S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY, and S3_SESSION_TOKEN if they are temporary, or the machine's AWS credentials.",
                "403; SignatureDoesNotMatch; The store refused the credentials for the bucket (403 SignatureDoesNotMatch). Check S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY, and S3_SESSION_TOKEN if they are temporary, or the machine's AWS credentials.",
                "400; InvalidToken; The store refused the session token, which is missing, wrong or expired (400 InvalidToken). Get new temporary credentials and set S3_SESSION_TOKEN with S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY, or renew the machine's AWS credentials.",
                "400; ExpiredToken; The store refused the session token, which is missing, wrong or expired (400 ExpiredToken). Get new temporary credentials and set S3_SESSION_TOKEN with S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY, or renew the machine's AWS credentials.",
                "403; AccessDenied; The store does not allow these credentials to list the bucket (403 AccessDenied). Grant s3:ListBucket on the bucket.",
                "403; AllAccessDisabled; The store does not allow these credentials to list the bucket (403 AllAccessDisabled). Grant s3:ListBucket on the bucket.",
                "301; PermanentRedirect; The store says that the bucket is in another region (301 PermanentRedirect). Check S3_REGION and S3_ENDPOINT.",
                "400; AuthorizationHeaderMalformed; The store says that the bucket is in another region (400 AuthorizationHeaderMalformed). Check S3_REGION and S3_ENDPOINT.",
                "400; IllegalLocationConstraintException; The store says that the bucket is in another region (400 IllegalLocationConstraintException). Check S3_REGION and S3_ENDPOINT.",
                "503; SlowDown; The store asks to slow down, again and again, while listing the bucket (503 SlowDown). Run again when it is less busy.",
                "429; TooManyRequests; The store asks to slow down, again and again, while listing the bucket (429 TooManyRequests). Run again when it is less busy.",
                "503; RequestLimitExceeded; The store asks to slow down, again and again, while listing the bucket (503 RequestLimitExceeded). Run again when it is less busy.",
                "500; InternalError; The store failed while listing the bucket (500 InternalError). Run again when it is well.",
                "404; NoSuchThing; The store does not know the bucket (404 NoSuchThing). Check S3_BUCKET and S3_ENDPOINT.",
                "403; RequestTimeTooSkewed; The store refused a request for the bucket because the clock of this machine is wrong (403 RequestTimeTooSkewed). Set the clock.",
                "400; RequestTimeout; The store gave up waiting for a request for the bucket (400 RequestTimeout). Check the network, or run again when it is well.",
                "403; AnythingElse; The store refused access to the bucket (403 AnythingElse). Check the credentials and that they may list the bucket (s3:ListBucket).",
            })
    void saysWhatTheStoreRefusedAndWhatToDo(int status, String code, String sentence) {
        assertThat(explained(refusal(status, code))).isEqualTo(sentence + " Details: " + BUCKET);
    }

    @ParameterizedTest
    @CsvSource({
        "403, The store refused access to",
        "404, The store does not know",
        "500, The store failed while listing"
    })
    void anAnswerWithoutAnErrorCodeIsJudgedByItsStatus(int status, String beginning) {
        S3Exception withoutDetails = (S3Exception)
                S3Exception.builder().statusCode(status).message("no body").build();

        assertThat(explained(withoutDetails)).startsWith(beginning).contains(status + " no error code");
        assertThat(explained(refusal(status, null))).startsWith(beginning);
    }

    @Test
    void aStoreThatCannotBeReachedIsSaidToBeSoWithTheReason() {
        Throwable refused = failureOf(URI.create("http://127.0.0.1:1"), AnonymousCredentialsProvider.create());

        assertThat(refused).isInstanceOf(SdkClientException.class);
        assertThat(explained(refused))
                .startsWith(
                        "The store cannot be reached or gave no sensible answer. Check S3_ENDPOINT, the network and that"
                                + " the store is up. Details: " + BUCKET + ": ")
                .contains("refused");
    }

    @Test
    void anUnknownHostIsNamed() {
        assertThat(explained(SdkClientException.create(
                        "Received an UnknownHostException", new UnknownHostException("store.example.invalid"))))
                .endsWith(": unknown host store.example.invalid");
    }

    @Test
    void aStoreThatStaysSilentIsNotTakenForOneThatIsNotThere() {
        assertThat(explained(SdkClientException.create("Read timed out", new SocketTimeoutException("Read timed out"))))
                .isEqualTo(
                        "The store did not answer in time. Check S3_ENDPOINT, the network and that the store is well."
                                + " Details: " + BUCKET + ": Read timed out");
    }

    @Test
    void waitingInVainForAConnectionIsSaidToBeSo() {
        assertThat(explained(new SQLTransientConnectionException("records - Connection is not available")))
                .isEqualTo(
                        "No connection to the records database was to be had in time. Check DATABASE_URL, the network and"
                                + " that the database is up. Details: db.example.org:5432/shop: records - Connection is not"
                                + " available");
    }

    @Test
    void missingCredentialsAreNotTakenForAStoreThatIsDown() {
        Throwable missing = failureOf(URI.create("http://127.0.0.1:1"), SystemPropertyCredentialsProvider.create());

        assertThat(missing).isInstanceOf(SdkClientException.class).hasMessageContaining("credentials");
        assertThat(explained(missing))
                .isEqualTo(
                        "There are no credentials for the bucket. Set S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY, or give"
                                + " the machine AWS credentials. Details: " + BUCKET);
    }

    // the databases

    static Stream<Arguments> refusalsOfTheRecordsDatabase() {
        return Stream.of(
                arguments("08001", "The connection to", "Check DATABASE_URL, the network and that the database is up."),
                arguments("08006", "The connection to", "Check DATABASE_URL, the network and that the database is up."),
                arguments("28P01", "The login to", "Check user and password in DATABASE_URL."),
                arguments("28000", "The login to", "Check user and password in DATABASE_URL."),
                arguments("3D000", "The database does not exist", "Check DATABASE_URL."),
                arguments(
                        "42P01",
                        "The records query does not fit",
                        "Check the records query in routes/records.camel.yaml."),
                arguments(
                        "42703",
                        "The records query does not fit",
                        "Check the records query in routes/records.camel.yaml."),
                arguments(
                        "42501",
                        "The records query is not allowed",
                        "GRANT SELECT on the tables of the records query to it."),
                arguments("53300", "There is no connection left for Stocktake", "or run again when others use fewer."),
                arguments("57P01", "The database ended the work or has no room", "Run again when it is well."),
                arguments("57P03", "The database ended the work or has no room", "Run again when it is well."),
                arguments("58030", "The database ended the work or has no room", "Run again when it is well."),
                arguments(
                        "40001",
                        "The records query was cancelled for the sake of others, again and again, in",
                        "or raise max_standby_streaming_delay if it is a replica."),
                arguments("55P03", "The records query met a lock", "Run again when it is less busy."),
                arguments(
                        "25006",
                        "The records query may not write in",
                        "The records query must only read: check it in routes/records.camel.yaml."),
                arguments(
                        "22012",
                        "The records query failed in",
                        "Check the records query in routes/records.camel.yaml."));
    }

    @ParameterizedTest
    @MethodSource("refusalsOfTheRecordsDatabase")
    void saysWhatTheRecordsDatabaseRefusedAndWhatToDo(String state, String what, String whatToDo) {
        Throwable failure = failureOf(recordsDatabase, raising(state));

        assertThat(explained(failure))
                .startsWith(what)
                .contains(" (SQL state " + state + "). ")
                .contains(whatToDo + " Details: db.example.org:5432/shop: ERROR: as the server says")
                .doesNotContain("results", PASSWORD, "\n");
    }

    static Stream<Arguments> refusalsOfTheResultsDatabase() {
        return Stream.of(
                arguments(
                        "08006",
                        "The connection to",
                        "Check RESULTS_DATABASE_URL or DATABASE_URL, the network and that the database is up."),
                arguments("28P01", "The login to", "Check user and password in RESULTS_DATABASE_URL or DATABASE_URL."),
                arguments("3D000", "The database does not exist", "Check RESULTS_DATABASE_URL or DATABASE_URL."),
                arguments(
                        "42P01",
                        "A statement of Stocktake's own tables does not fit",
                        "Check the statement in routes/ against the schema stocktake."),
                arguments(
                        "42501",
                        "A statement of Stocktake's own tables is not allowed",
                        "GRANT it the rights on the schema stocktake."),
                arguments("53300", "There is no connection left for Stocktake", "or run again when others use fewer."),
                arguments(
                        "40P01",
                        "A statement of Stocktake's own tables was cancelled for the sake of others",
                        "Run again when it is less busy."),
                arguments(
                        "25006",
                        "A statement of Stocktake's own tables may not write in",
                        "It is a standby or read only: point RESULTS_DATABASE_URL or DATABASE_URL to the primary."),
                arguments("22012", "A statement of Stocktake's own tables failed in", "Check its log."));
    }

    @ParameterizedTest
    @MethodSource("refusalsOfTheResultsDatabase")
    void tellsTheResultsDatabaseFromTheRecordsDatabase(String state, String what, String whatToDo) {
        Throwable failure = failureOf(resultsDatabase, raising(state));

        assertThat(explained(failure))
                .startsWith(what)
                .contains(whatToDo + " Details: results.example.org:5432/stocktake: ERROR: as the server says")
                .doesNotContain("db.example.org", PASSWORD, "\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "SELECT storage_key FROM no_such_table; does not fit; relation \"no_such_table\" does not exist",
                "SELECT no_such_column FROM assets; does not fit; column \"no_such_column\" does not exist",
                "SELECT storage_key, FROM assets; does not fit; syntax error at or near \"FROM\"",
                "SELECT storage_key FROM assets; not allowed; permission denied for table assets",
                "SELECT (1 / 0)::text; failed; division by zero",
            })
    void explainsWhatARealDatabaseAnswersThroughSpring(String query, String what, String said) {
        DATABASE.execute("CREATE TABLE IF NOT EXISTS assets (id bigint, storage_key text)");

        assertThat(explained(failureOf(recordsDatabase, query)))
                .contains(what, said)
                .doesNotContain(PASSWORD, "\n", "org.springframework", "Exception");
    }

    @Test
    void aDatabaseThatIsNotThereAndOneThatIsNotUpAreTwoReasons() {
        String url = DatabaseUrl.parse(DATABASE.url()).jdbcUrl();

        assertThat(explained(failureOf(new DriverManagerDataSource(url + "x", "postgres", PASSWORD), "SELECT 1")))
                .startsWith("The database does not exist: ");
        assertThat(explained(failureOf(
                        new DriverManagerDataSource("jdbc:postgresql://127.0.0.1:1/shop", "postgres", PASSWORD),
                        "SELECT 1")))
                .startsWith("The connection to ")
                .contains("refused")
                .doesNotContain(PASSWORD);
    }

    @Test
    void theCauseInsideAFailedPoolOrBatchIsWhatCounts() {
        SQLException inside = new SQLException("FATAL: password authentication failed for user \"reader\"", "28P01");
        SQLException pool =
                new SQLTransientConnectionException("records - Connection is not available", null, 0, inside);
        SQLException batch = new BatchUpdateException("Batch entry 0 was aborted", "23503", new int[0], pool);

        for (Throwable failure : new Throwable[] {pool, batch, new CannotGetJdbcConnectionException("no", pool)}) {
            assertThat(explained(failure))
                    .isEqualTo(
                            "The login to the records database was refused (SQL state 28P01). Check user and password in"
                                    + " DATABASE_URL. Details: db.example.org:5432/shop: FATAL: password authentication failed for"
                                    + " user \"reader\"");
        }
    }

    @Test
    void aDatabaseFailureWithoutAStateStillSaysWhereItHappened() {
        assertThat(explained(new SQLException("records - as the driver says", (String) null)))
                .isEqualTo(
                        "The records query failed in the records database. Check the records query in"
                                + " routes/records.camel.yaml. Details: db.example.org:5432/shop: records - as the driver says");
    }

    @Test
    void whatOthersMayKnowHoldsNoAddressAndNoWordsOfOtherPrograms() {
        List<Throwable> failures = List.of(
                failureOf(recordsDatabase, raising("42P01")),
                failureOf(resultsDatabase, raising("53300")),
                refusal(403, "AccessDenied"),
                SdkClientException.create("as the server says", new SocketTimeoutException("as the server says")),
                SdkClientException.create("as the server says"),
                new PageException("The listing returned the key \"a\" twice"));

        for (Throwable failure : failures) {
            assertThat(Explanation.withoutDetails(explained(failure)))
                    .doesNotContain("example.org", "5432", "Details", "says")
                    .endsWith(".");
        }
        assertThat(Explanation.withoutDetails("It has none.")).isEqualTo("It has none.");
        assertThat(Explanation.withoutDetails(null)).isNull();
    }

    // pages, and all the rest

    @Test
    void aPageThatCannotBeTrueIsExplainedWithItsKeysVisibleAndUnchanged() {
        assertThat(explained(new PageException("The listing returned the key \"a\nb \u001B[2J\u202E\"")))
                .isEqualTo("The listing returned the key \"a\\nb \\u001B[2J\\u202E\". Details: " + BUCKET
                        + ", db.example.org:5432/shop");
    }

    static Stream<Throwable> wrappings() {
        S3Exception cause = refusal(403, "AccessDenied");
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        return Stream.of(
                new RuntimeCamelException(cause),
                new CamelExchangeException("Parallel processing failed for number 0", exchange, cause),
                new CamelExecutionException("Exception occurred during execution", exchange, cause),
                new RuntimeException(new RuntimeCamelException(new CompletionException(cause))),
                new RuntimeCamelException(
                        "outer", new CamelExchangeException("inner", exchange, new IllegalStateException(cause))));
    }

    @ParameterizedTest
    @MethodSource("wrappings")
    void whateverItIsWrappedInTheReasonIsTheSame(Throwable wrapped) {
        assertThat(explained(wrapped)).isEqualTo(explained(refusal(403, "AccessDenied")));
    }

    @Test
    void aStatementThatIsWrappedStillTellsItsDatabase() {
        Throwable refusal = failureOf(recordsDatabase, "SELECT storage_key FROM no_such_table");
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());

        assertThat(explained(new CamelExecutionException("outer", exchange, new CompletionException(refusal))))
                .isEqualTo(explained(refusal))
                .startsWith("The records query does not fit the records database (SQL state 42P01). ");
    }

    @Test
    void anythingElseSaysItsOwnReasonWithoutItsWrapping() {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        Throwable reason = new IllegalStateException("The run lost its lease on the bucket.");

        assertThat(explained(reason)).isEqualTo("The run lost its lease on the bucket.");
        assertThat(explained(new RuntimeCamelException(new CamelExchangeException("wrapping", exchange, reason))))
                .isEqualTo("The run lost its lease on the bucket.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"It failed. Exchange[8F3-1]", "It failed on the exchange: Exchange[8F3-1]"})
    void theNumberOfAnExchangeIsNoReason(String message) {
        assertThat(explained(new IllegalStateException(message))).isEqualTo("It failed");
    }

    @Test
    void aFailureWithoutAReasonIsNamedByItsPlace() {
        assertThat(explained(new RuntimeCamelException(new CancellationException())))
                .startsWith(
                        "It failed in a way that it should not: this is a defect of Stocktake. The details say where;"
                                + " please report it. Details: ExplanationTest.java:");
    }

    @Test
    void aDefectIsNamedByItsPlaceAndNotByTheWordsOfTheVirtualMachine() {
        Throwable defect =
                catchThrowable(() -> Optional.of(List.of()).map(each -> null).get());

        assertThat(explained(defect))
                .contains("this is a defect of Stocktake")
                .containsPattern("Details: ExplanationTest\\.java:\\d+$")
                .doesNotContain("Exception", "No value");
    }

    @Test
    void aPoolerThatHasNoneLeftIsNotTakenForABrokenConnection() {
        SQLException refusal = new PSQLException(
                new ServerErrorMessage("SFATAL\0C08P01\0Mno more connections allowed (max_client_conn)\0"));

        assertThat(explained(refusal))
                .startsWith("There is no connection left for Stocktake: the results database (SQL state 08P01). ")
                .contains("Let the pooler before it (pool size, max_client_conn) leave 2 for DATABASE_CONNECTIONS");
    }

    @ParameterizedTest
    @ValueSource(strings = {"first\nsecond", "first\r\n  second", "first \n\n second", "first\u2028second"})
    void aReasonOfSeveralLinesBecomesOne(String message) {
        assertThat(explained(new IllegalStateException(message))).isEqualTo("first; second");
        assertThat(explained(new SQLException(message, "42P01"))).endsWith(": first; second");
    }

    @Test
    void aReasonCannotDriveTheTerminal() {
        assertThat(explained(new IllegalStateException("a\u001B[2J\u202Eb"))).isEqualTo("a\\u001B[2J\\u202Eb");
    }

    private String explained(Throwable failure) {
        return explanation.of(failure);
    }

    @Test
    void saysTheRegionThatTheStoreNames() {
        S3Exception withoutBody = (S3Exception) S3Exception.builder()
                .statusCode(400)
                .awsErrorDetails(AwsErrorDetails.builder()
                        .sdkHttpResponse(SdkHttpResponse.builder()
                                .statusCode(400)
                                .putHeader("x-amz-bucket-region", "eu-west-1")
                                .build())
                        .build())
                .build();

        assertThat(explained(withoutBody))
                .isEqualTo(
                        "The store refused a request for the bucket without saying why, as it does for one that is signed for"
                                + " another region (400 no error code). Set S3_REGION to eu-west-1, or check S3_ENDPOINT. Details: "
                                + BUCKET);
        assertThat(
                        explained(
                                refusal(
                                        400,
                                        "AuthorizationHeaderMalformed",
                                        "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-central-1'")))
                .contains("is in another region (400 AuthorizationHeaderMalformed). Set S3_REGION to eu-central-1, or");
    }

    private static S3Exception refusal(int status, String code) {
        return refusal(status, code, "as the store says");
    }

    private static S3Exception refusal(int status, String code, String said) {
        return (S3Exception) S3Exception.builder()
                .statusCode(status)
                .message("as the store says")
                .awsErrorDetails(AwsErrorDetails.builder()
                        .errorCode(code)
                        .errorMessage(said)
                        .build())
                .build();
    }

    /** A statement that fails with this state, in the server, for a reason of several lines. */
    private static String raising(String state) {
        return "DO $$ BEGIN RAISE EXCEPTION E'as the server says' USING ERRCODE = '" + state
                + "', HINT = 'a hint'; END $$";
    }

    private static Throwable failureOf(DataSource database, String statement) {
        return catchThrowable(() -> {
            if (statement.startsWith("SELECT")) {
                JdbcClient.create(database).sql(statement).query(String.class).list();
            } else {
                JdbcClient.create(database).sql(statement).update();
            }
        });
    }

    private static Throwable failureOf(URI endpoint, AwsCredentialsProvider credentials) {
        try (S3Client client = S3Client.builder()
                .endpointOverride(endpoint)
                .region(Region.US_EAST_1)
                .forcePathStyle(true)
                .credentialsProvider(credentials)
                .overrideConfiguration(override -> override.retryStrategy(AwsRetryStrategy.doNotRetry()))
                .build()) {
            return catchThrowable(() -> client.listObjectsV2(request -> request.bucket("assets")));
        }
    }
}
