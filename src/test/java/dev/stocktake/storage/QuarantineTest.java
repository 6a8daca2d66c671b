package dev.stocktake.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.stocktake.embedded.EmbeddedStore;
import dev.stocktake.embedded.HostileStore;
import dev.stocktake.fixture.TestServers;
import dev.stocktake.storage.Quarantine.CopyLimits;
import dev.stocktake.storage.Quarantine.Move;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** What is too large for one copy: as what is larger than 5 GiB on S3, with smaller limits. */
class QuarantineTest {
    private static final AtomicInteger BUCKETS = new AtomicInteger();
    private static final int MEBI = 1 << 20;
    private static final CopyLimits SMALL = new CopyLimits(6 * MEBI, 5 * MEBI);
    private static final Move MOVE = new Move("large file", "q/large file", 12 * MEBI + 1, null);

    private static final Conditions S3 = new Conditions(true, true, true, Conditions.Parts.CONDITIONAL);
    private static final Fence FOREVER = () -> Duration.ofDays(1);

    private final String bucket = "quarantine-" + BUCKETS.incrementAndGet();
    private final EmbeddedStore store = TestServers.store();
    private final byte[] content = new byte[12 * MEBI + 1];

    private StartedLister lister;
    private Quarantine quarantine;

    @BeforeEach
    void open() {
        store.createBucket(bucket);
        new Random(1).nextBytes(content);
        store.client()
                .putObject(
                        request -> request.bucket(bucket)
                                .key("large file")
                                .contentType("video/mp4")
                                .contentDisposition("attachment")
                                .metadata(Map.of("owner", "nobody")),
                        RequestBody.fromBytes(content));
        lister = new StartedLister(store.endpoint(), bucket, store.accessKey(), store.secretKey());
        quarantine = new Quarantine(lister::lister, null, "q/", SMALL);
    }

    @AfterEach
    void close() {
        lister.close();
    }

    @Test
    void isCopiedPartByPartWithAllThatIsKnownOfItAndBack() {
        quarantine.copyIn(MOVE, S3);
        store.client().deleteObject(request -> request.bucket(bucket).key("large file"));
        quarantine.copyOut(MOVE, S3, FOREVER);

        for (String key : new String[] {"q/large file", "large file"}) {
            var copy = store.client()
                    .getObjectAsBytes(request -> request.bucket(bucket).key(key));
            assertThat(copy.asByteArray()).as(key).isEqualTo(content);
            assertThat(copy.response().contentType()).isEqualTo("video/mp4");
            assertThat(copy.response().contentDisposition()).isEqualTo("attachment");
            assertThat(copy.response().metadata()).containsEntry("owner", "nobody");
        }
    }

    @Test
    void isNotCopiedWhereItIsAnotherFileByNow() {
        Move another = new Move("large file", "q/large file 2", MOVE.size(), "0123456789abcdef0123456789abcdef");

        assertThatThrownBy(() -> quarantine.copyIn(another, S3))
                .asInstanceOf(type(S3Exception.class))
                .extracting(S3Exception::statusCode)
                .isEqualTo(412);

        assertThat(quarantine.inside("q/large file 2").isPresent()).isFalse();
        assertThat(store.client()
                        .listMultipartUploads(request -> request.bucket(bucket))
                        .uploads())
                .as("nothing half done is left and paid for")
                .isEmpty();
    }

    @Test
    void aCopyOfAnotherSizeIsNoCopy() {
        Move longer = new Move("large file", "q/longer", 5, null);

        assertThatThrownBy(() -> quarantine.copyIn(longer, S3)).isInstanceOf(Quarantine.IncompleteCopyException.class);
    }

    @Test
    void aTrialTellsWhatTheEndOfACopyPartByPartMinds() {
        try (HostileStore hostile = HostileStore.before(store.endpoint().getPort());
                StartedLister through = new StartedLister(
                        URI.create("http://127.0.0.1:" + hostile.port()),
                        bucket,
                        store.accessKey(),
                        store.secretKey())) {
            Quarantine tried = new Quarantine(through::lister, null, "q/", SMALL);
            assertThat(tried.trial("", true).conditions().parts()).isEqualTo(Conditions.Parts.CONDITIONAL);

            hostile.refuse(
                    request -> request.method().equals("POST")
                            && !request.header("if-none-match").isEmpty(),
                    501,
                    "NotImplemented");
            assertThat(tried.trial("", true).conditions().parts()).isEqualTo(Conditions.Parts.UNCONDITIONAL);

            hostile.refuse(request -> request.query().contains("partNumber"), 501, "NotImplemented");
            Quarantine.Trial impossible = tried.trial("", true);
            assertThat(impossible.conditions().parts()).isEqualTo(Conditions.Parts.IMPOSSIBLE);
            assertThat(impossible.objections()).isEmpty();
        }
        assertThat(store.keys(bucket)).containsExactly("large file");
        assertThat(store.client()
                        .listMultipartUploads(request -> request.bucket(bucket))
                        .uploads())
                .isEmpty();
    }
}
