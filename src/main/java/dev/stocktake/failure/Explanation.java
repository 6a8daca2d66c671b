package dev.stocktake.failure;

import dev.stocktake.compare.PageException;
import dev.stocktake.database.FromRecordsDatabase;
import dev.stocktake.database.SharedConnections;
import dev.stocktake.storage.NotAllowedException;
import dev.stocktake.text.Visible;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Arrays;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import javax.xml.stream.XMLStreamException;
import org.apache.camel.CamelExchangeException;
import org.apache.camel.RuntimeCamelException;
import org.apache.hc.core5.http.NoHttpResponseException;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Says why a run has no verdict in one plain sentence or two: what happened and what to do; and then, for those who may know,
 * where it was and in which words the other side said it.
 */
public final class Explanation {
    /** How Camel ends many of its messages. */
    private static final String EXCHANGE = "(\\.| on the exchange:) Exchange\\[[^]]*]";

    /** What comes behind it is for the log, the command line and the exports. */
    public static final String DETAILS = " Details: ";

    private static final String OWN_CODE = "dev.stocktake.";

    /** Of an answer without a body. */
    private static final String NO_CODE = "no error code";

    /** In where a store is, when it is asked without TLS. */
    private static final String PLAIN = " at http://";

    /** In the message of a refusal that names no region elsewhere. */
    private static final Pattern EXPECTED_REGION = Pattern.compile("expecting '([a-z0-9-]+)'");

    private static final String DEFECT =
            "It failed in a way that it should not: this is a defect of Stocktake. The details say where; please report it.";

    /** How the SDK's message begins when no provider of its chain has any. */
    private static final String NO_CREDENTIALS = "Unable to load credentials";

    private final String store;
    private final String recordsDatabase;
    private final String recordsRole;
    private final String resultsDatabase;

    /**
     * Explains by these places.
     *
     * @param store the bucket and where it is, for messages
     * @param recordsDatabase without user and password
     * @param recordsRole who reads the records
     * @param resultsDatabase without user and password
     */
    public Explanation(String store, String recordsDatabase, String recordsRole, String resultsDatabase) {
        this.store = store;
        this.recordsDatabase = recordsDatabase;
        this.recordsRole = recordsRole;
        this.resultsDatabase = resultsDatabase;
    }

    /** One line. */
    public String of(Throwable thrown) {
        Throwable failure = Causes.original(thrown);
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof NotAllowedException refused) {
                return oneLine(refused.getMessage()) + DETAILS + store;
            }
            if (cause instanceof S3Exception refusal) {
                return ofStore(refusal) + DETAILS + store;
            }
            if (cause instanceof SdkException missing && isForWantOfCredentials(missing)) {
                return "There are no credentials for the bucket. Set S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY, or give the"
                        + " machine AWS credentials." + DETAILS + store;
            }
            if (cause instanceof SdkException silent && Causes.any(silent, SocketTimeoutException.class)) {
                return "The store did not answer in time. Check S3_ENDPOINT, the network and that the store is well."
                        + DETAILS + store + ": " + rootMessage(silent);
            }
            if (cause instanceof SdkException unreachable) {
                return "The store cannot be reached or gave no sensible answer. " + advice(unreachable) + DETAILS
                        + store + ": " + rootMessage(unreachable);
            }
            if (cause instanceof SQLException refusal) {
                return ofDatabase(Causes.innermostWithState(refusal), FromRecordsDatabase.threw(failure));
            }
            if (cause instanceof PageException impossible) {
                // one line without being made so: a line break here is part of a key
                return Visible.text(impossible.getMessage()) + "." + DETAILS + store + ", " + recordsDatabase;
            }
        }
        Throwable reason = withoutWrapping(failure);
        return reason.getMessage() == null || isDefect(reason)
                ? DEFECT + DETAILS + placeOf(reason)
                : oneLine(reason.getMessage());
    }

    /** The line of the source by which somebody finds the defect. */
    private static String placeOf(Throwable defect) {
        return Arrays.stream(defect.getStackTrace())
                .filter(frame -> frame.getClassName().startsWith(OWN_CODE))
                .findFirst()
                .map(frame -> frame.getFileName() + ":" + frame.getLineNumber())
                .orElse("in a library");
    }

    /** What only wrong code throws, whose words say nothing to people. */
    private static boolean isDefect(Throwable reason) {
        return reason instanceof NullPointerException
                || reason instanceof ClassCastException
                || reason instanceof IndexOutOfBoundsException
                || reason instanceof ArithmeticException
                || reason instanceof NoSuchElementException;
    }

    private String advice(SdkException unreachable) {
        if (Causes.any(unreachable, CertificateException.class)) {
            return "This machine does not trust its certificate: check S3_ENDPOINT, and whom Java trusts here.";
        }
        if (Causes.any(unreachable, SSLException.class)) {
            return "S3_ENDPOINT must begin with http:// if it speaks no TLS; else check the network.";
        }
        if (Causes.any(unreachable, NoHttpResponseException.class) && store.contains(PLAIN)) {
            return "S3_ENDPOINT must begin with https:// if it speaks TLS; else check the network and that the store is up.";
        }
        if (Causes.any(unreachable, XMLStreamException.class) || Causes.any(unreachable, ProtocolException.class)) {
            return "Check that S3_ENDPOINT is where S3 is spoken, and that nothing answers in the place of the store.";
        }
        return "Check S3_ENDPOINT, the network and that the store is up.";
    }

    private static String ofStore(S3Exception refusal) {
        String code =
                refusal.awsErrorDetails() == null || refusal.awsErrorDetails().errorCode() == null
                        ? NO_CODE
                        : refusal.awsErrorDetails().errorCode();
        String answer = " (" + refusal.statusCode() + " " + code + "). ";
        return switch (String.valueOf(code)) {
            case "NoSuchBucket" ->
                "The store says that the bucket does not exist" + answer + "Check S3_BUCKET and S3_ENDPOINT.";
            case "InvalidToken", "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired" ->
                "The store refused the session token, which is missing, wrong or expired" + answer
                        + "Get new temporary credentials and set S3_SESSION_TOKEN with S3_ACCESS_KEY_ID and"
                        + " S3_SECRET_ACCESS_KEY, or renew the machine's AWS credentials.";
            case "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidClientTokenId" ->
                "The store refused"
                        + " the credentials for the bucket" + answer
                        + "Check S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY, and S3_SESSION_TOKEN if they are temporary, or the"
                        + " machine's AWS credentials.";
            case "AccessDenied", "AllAccessDisabled" ->
                "The store does not allow these credentials to list the bucket" + answer
                        + "Grant s3:ListBucket on the bucket.";
            case "PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException" ->
                "The store says that the bucket is in another region" + answer + region(refusal);
            case "RequestTimeTooSkewed" ->
                "The store refused a request for the bucket because the clock of this machine is wrong" + answer
                        + "Set the clock.";
            case "SlowDown", "TooManyRequests", "RequestLimitExceeded" ->
                "The store asks to slow down, again and again," + " while listing the bucket" + answer
                        + "Run again when it is less busy.";
            case "RequestTimeout" ->
                "The store gave up waiting for a request for the bucket" + answer
                        + "Check the network, or run again when it is well.";
            case NO_CODE ->
                refusal.statusCode() == 400 || refusal.statusCode() == 301
                        ? "The store refused a request for the bucket without saying why, as it does for one that is signed"
                                + " for another region" + answer + region(refusal)
                        : ofStatus(refusal, answer);
            default -> ofStatus(refusal, answer);
        };
    }

    /** What to set, where the store says which one it is. */
    private static String region(S3Exception refusal) {
        return Optional.ofNullable(refusal.awsErrorDetails())
                .flatMap(Explanation::expectedRegion)
                .map(region -> "Set S3_REGION to " + Visible.text(region) + ", or check S3_ENDPOINT.")
                .orElse("Check S3_REGION and S3_ENDPOINT.");
    }

    private static Optional<String> expectedRegion(AwsErrorDetails details) {
        return Optional.ofNullable(details.sdkHttpResponse())
                .flatMap(answer -> answer.firstMatchingHeader("x-amz-bucket-region"))
                .or(() -> EXPECTED_REGION
                        .matcher(String.valueOf(details.errorMessage()))
                        .results()
                        .map(found -> found.group(1))
                        .findFirst());
    }

    private static String ofStatus(S3Exception refusal, String answer) {
        return switch (refusal.statusCode()) {
            case 404 -> "The store does not know the bucket" + answer + "Check S3_BUCKET and S3_ENDPOINT.";
            case 403 ->
                "The store refused access to the bucket" + answer
                        + "Check the credentials and that they may list the bucket (s3:ListBucket).";
            default -> "The store failed while listing the bucket" + answer + "Run again when it is well.";
        };
    }

    /** Whether nobody gave the SDK any. */
    static boolean isForWantOfCredentials(SdkException failure) {
        return String.valueOf(failure.getMessage()).startsWith(NO_CREDENTIALS);
    }

    private String ofDatabase(SQLException refusal, boolean records) {
        return whatOfDatabase(refusal, records) + DETAILS + (records ? recordsDatabase : resultsDatabase) + ": "
                + oneLine(refusal.getMessage());
    }

    private String whatOfDatabase(SQLException refusal, boolean records) {
        String where = records ? "the records database" : "the results database";
        String setting = records ? "DATABASE_URL" : "RESULTS_DATABASE_URL or DATABASE_URL";
        String state = refusal.getSQLState() == null ? "" : refusal.getSQLState();
        String said = (state.isEmpty() ? "" : " (SQL state " + state + ")") + ". ";
        if (records && RowSecurity.refused(refusal)) {
            return RowSecurity.explain(refusal, recordsRole) + said
                    + "Let a role read them that sees all rows: with BYPASSRLS, the owner of the tables, or the reader of a view"
                    + " whose owner does. Only where it is right that rows are hidden, say filtered beside the records query in"
                    + " routes/records.camel.yaml.";
        }
        String statement = records ? "The records query" : "A statement of Stocktake's own tables";
        if (state.isEmpty() && refusal instanceof SQLTransientConnectionException) {
            return "No connection to " + where + " was to be had in time" + said + "Check " + setting
                    + ", the network and that the database is up.";
        }
        return switch (state.length() < 2 ? "" : state.substring(0, 2)) {
            case "08" ->
                state.equals("08P01") && SharedConnections.isSaidByTheServer(refusal)
                        ? noneLeft(where, said, "the pooler before it (pool size, max_client_conn)")
                        : "The connection to " + where + " failed or was lost" + said + "Check " + setting
                                + ", the network and that the database is up.";
            case "28" ->
                "The login to " + where + " was refused" + said + "Check user and password in " + setting + ".";
            case "3D" -> "The database does not exist: " + where + said + "Check " + setting + ".";
            case "42" ->
                state.equals("42501")
                        ? statement + " is not allowed for this user of " + where + said
                                + (records
                                        ? "GRANT SELECT on the tables of the records query to it."
                                        : "GRANT it the rights on the schema stocktake.")
                        : statement + " does not fit " + where + said
                                + (records
                                        ? "Check the records query in routes/records.camel.yaml."
                                        : "Check the statement in routes/ against the schema stocktake.");
            case "25" ->
                state.equals("25006")
                        ? statement + " may not write in " + where + said
                                + (records
                                        ? "The records query must only read: check it in routes/records.camel.yaml."
                                        : "It is a standby or read only: point " + setting + " to the primary.")
                        : statement + " failed in " + where + said + "Check its log.";
            case "40" ->
                statement + " was cancelled for the sake of others, again and again, in " + where + said
                        + (records
                                ? "Run again when it is less busy, or raise max_standby_streaming_delay if it is a replica."
                                : "Run again when it is less busy.");
            case "55" ->
                statement + " met a lock or a state that stood in its way, in " + where + said
                        + "Run again when it is less busy.";
            case "53", "57", "58" ->
                state.equals("53300")
                        ? noneLeft(where, said, "role, database and server (CONNECTION LIMIT, max_connections)")
                        : "The database ended the work or has no room for it: " + where + said
                                + "Run again when it is well.";
            default ->
                statement + " failed in " + where + said
                        + (records ? "Check the records query in routes/records.camel.yaml." : "Check its log.");
        };
    }

    private static String noneLeft(String where, String said, String limits) {
        return "There is no connection left for Stocktake: " + where + said + "Let " + limits
                + " leave 2 for DATABASE_CONNECTIONS and 2 for RESULTS_DATABASE_CONNECTIONS at least, or run again when others use fewer.";
    }

    /** What an explanation says to those who are to know neither addresses nor words of other programs. */
    public static String withoutDetails(String explanation) {
        int details = explanation == null ? -1 : explanation.indexOf(DETAILS);
        return details < 0 ? explanation : explanation.substring(0, details);
    }

    /** Where it is, for those who may know. */
    String placeOf(FirstAnswers.Side side) {
        return switch (side) {
            case STORE -> store;
            case RECORDS -> recordsDatabase;
            case RESULTS -> resultsDatabase;
        };
    }

    private static Throwable withoutWrapping(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null
                && (cause instanceof RuntimeCamelException
                        || cause instanceof CamelExchangeException
                        || cause.getMessage() == null)) {
            cause = cause.getCause();
        }
        return cause;
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && !(root instanceof UnknownHostException || root instanceof ConnectException)) {
            root = root.getCause();
        }
        return root instanceof UnknownHostException
                ? "unknown host " + oneLine(root.getMessage())
                : oneLine(root.getMessage());
    }

    private static String oneLine(String message) {
        return message == null
                ? "no reason given"
                : Visible.text(message.replaceAll("\\s*\\R\\s*", "; ").replaceAll(EXCHANGE, ""));
    }
}
