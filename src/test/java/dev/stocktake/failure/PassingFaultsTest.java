package dev.stocktake.failure;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Arrays;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import javax.net.ssl.SSLHandshakeException;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.processor.errorhandler.RedeliveryPolicy;
import org.apache.camel.support.PluginHelper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.transaction.TransactionSystemException;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** What {@code read-again.camel.yaml} says is tried again, and for how long. */
class PassingFaultsTest {
    private static DefaultCamelContext camel;
    private static RedeliveryPolicy policy;
    private static Predicate<Throwable> store;
    private static Predicate<Throwable> database;

    @BeforeAll
    static void load() throws Exception {
        camel = new DefaultCamelContext();
        camel.getRegistry().bind("logReadAgain", new LogReadAgain(new Explanation("", "", "", ""), new Retries()));
        PluginHelper.getRoutesLoader(camel)
                .loadRoutes(PluginHelper.getResourceLoader(camel).resolveResource("file:routes/read-again.camel.yaml"));
        camel.start();
        policy = bean("aboutAMinuteInAll", RedeliveryPolicy.class);
        store = bean("passingFaultsOfTheStore", StoreFaults.class)::has;
        database = bean("passingFaultsOfADatabase", DatabaseFaults.class)::has;
    }

    @AfterAll
    static void stop() {
        camel.stop();
    }

    private static <T> T bean(String name, Class<T> type) {
        return camel.getRegistry().lookupByNameAndType(name, type);
    }

    @Test
    void theWaitsGrowDifferAndOutlastAFailoverButNotMuchMoreThanAMinute() {
        long[] totals = new long[10_000];
        for (int i = 0; i < totals.length; i++) {
            long delay = 0;
            for (int attempt = 1; attempt <= policy.getMaximumRedeliveries(); attempt++) {
                long before = delay;
                delay = policy.calculateRedeliveryDelay(delay, attempt);
                assertThat(delay)
                        .isGreaterThanOrEqualTo(before)
                        .isLessThanOrEqualTo(policy.getMaximumRedeliveryDelay());
                totals[i] += delay;
            }
        }
        Arrays.sort(totals);

        assertThat(totals[0]).as("the least patient").isGreaterThan(20_000);
        assertThat(totals[totals.length / 100]).as("one of a hundred").isGreaterThan(30_000);
        assertThat(totals[totals.length / 2]).as("half of all").isBetween(55_000L, 70_000L);
        assertThat(totals[totals.length - 1]).as("the most patient").isLessThan(150_000);
        assertThat(IntStream.range(0, 100)
                        .mapToLong(i -> policy.calculateRedeliveryDelay(0, 1))
                        .distinct()
                        .count())
                .as("first waits that differ")
                .isGreaterThan(50);
    }

    @ParameterizedTest
    @CsvSource({
        "503, SlowDown",
        "503, ServiceUnavailable",
        "503, ''",
        "429, TooManyRequests",
        "429, ''",
        "500, InternalError",
        "500, ''",
        "502, ''",
        "504, ''",
        "408, ''",
        "400, RequestTimeout"
    })
    void answersThatMayBeOthersNextTime(int status, String code) {
        assertThat(store.test(answer(status, code))).isTrue();
        assertThat(store.test(new IllegalStateException(answer(status, code)))).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "403, AccessDenied",
        "403, SignatureDoesNotMatch",
        "403, RequestTimeTooSkewed",
        "403, ''",
        "404, NoSuchBucket",
        "404, NoSuchKey",
        "404, ''",
        "400, InvalidArgument",
        "400, ExpiredToken",
        "400, ''",
        "301, PermanentRedirect",
        "501, NotImplemented"
    })
    void answersThatStayWhatTheyAre(int status, String code) {
        assertThat(store.test(answer(status, code))).isFalse();
    }

    @Test
    void noSensibleAnswerAtAllMayPass() {
        assertThat(store.test(SdkClientException.create("Could not parse XML response.")))
                .isTrue();
        assertThat(store.test(SdkClientException.create("no", new UnknownHostException("store.invalid"))))
                .isTrue();
    }

    @Test
    void whatAnOperatorMustSetRightDoesNotPass() {
        assertThat(store.test(SdkClientException.create("Unable to load credentials from any of the providers")))
                .isFalse();
        assertThat(store.test(SdkClientException.create(
                        "no", new SSLHandshakeException("no").initCause(new CertificateException("expired")))))
                .isFalse();
        assertThat(store.test(AbortedException.create("Stopped"))).isFalse();
        assertThat(store.test(new IllegalStateException("anything else"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "08000", "08001", "08003", "08006", "08P01", "25006", "40001", "40P01", "53200", "53300", "55P03",
                "57014", "57P01", "57P02", "57P03", "57P05", "58030"
            })
    void statesOfADatabaseThatMayPass(String state) {
        assertThat(database.test(new SQLException("", state))).isTrue();
        assertThat(database.test(new IllegalStateException(new SQLException("", state))))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "28P01", "28000", "3D000", "42P01", "42501", "42703", "22012", "23505", "53100", "57P04", "0A000",
                "XX000"
            })
    void statesOfADatabaseThatStay(String state) {
        assertThat(database.test(new SQLException("", state))).isFalse();
    }

    @Test
    void waitingInVainForTheServerPassesButARefusalOfTheServerStays() {
        SQLTransientConnectionException inVain = new SQLTransientConnectionException("records - no connection");
        assertThat(database.test(new CannotGetJdbcConnectionException("no", inVain)))
                .isTrue();
        inVain.initCause(new SQLException("no such user", "28P01"));
        assertThat(database.test(new CannotGetJdbcConnectionException("no", inVain)))
                .isFalse();
        assertThat(database.test(new SQLException("no state"))).isFalse();
    }

    @Test
    void whatEndedATransactionCountsAndNotThatItCouldNotBeRolledBack() {
        TransactionSystemException rollback = new TransactionSystemException(
                "Could not roll back JDBC transaction", new SQLException("Connection is closed"));
        assertThat(database.test(rollback)).isFalse();
        rollback.initApplicationException(new IllegalStateException(new SQLException("lost", "08006")));
        assertThat(database.test(rollback)).isTrue();
    }

    @Test
    void aCertificateThatCannotBeTrustedStays() {
        assertThat(database.test(new SQLException("SSL error", "08006", new CertificateException("expired"))))
                .isFalse();
    }

    private static S3Exception answer(int status, String code) {
        return (S3Exception) S3Exception.builder()
                .statusCode(status)
                .awsErrorDetails(AwsErrorDetails.builder()
                        .errorCode(code.isEmpty() ? null : code)
                        .build())
                .build();
    }
}
