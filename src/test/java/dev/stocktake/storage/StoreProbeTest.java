package dev.stocktake.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.stocktake.compare.KeySpace;
import dev.stocktake.compare.ListingOrderException;
import dev.stocktake.embedded.Behaviour;
import dev.stocktake.embedded.Listing;
import dev.stocktake.embedded.ObjectEntry;
import dev.stocktake.embedded.SyntheticStore;
import dev.stocktake.embedded.SyntheticStore.RequestKind;
import dev.stocktake.fixture.Assets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.s3.model.S3Exception;

class StoreProbeTest {
    @Test
    void anHonestStoreIsAskedAHandfulOfTimes() {
        try (SyntheticStore store = SyntheticStore.generated(1_000_000, "assets/%08d.png"::formatted);
                StartedLister lister = on(store)) {
            StoreTraits traits = probe(lister, "");

            assertThat(traits.listing()).isEqualTo(StoreTraits.Listing.START_AFTER);
            assertThat(traits.reason()).isNull();
            assertThat(traits.startAfterTrusted() && traits.tokensTrusted() && traits.byteOrder())
                    .isTrue();
            assertThat(traits.headTellsAbsent()).isTrue();
            assertThat(traits.clock()).isNotNull();
            assertThat(store.requests(RequestKind.LIST)).isEqualTo(Assets.LISTS_OF_A_PROBE);
            assertThat(store.requests(RequestKind.HEAD_OBJECT)).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 19, 20, 21, 22, 40, 41})
    void fewObjectsAreNoReasonForMistrust(int objects) {
        try (SyntheticStore store = SyntheticStore.generated(objects, "%04d"::formatted);
                StartedLister lister = on(store)) {
            assertThat(probe(lister, "").listing()).isEqualTo(StoreTraits.Listing.START_AFTER);

            store.behave(Behaviour.ignoringStartAfter());
            assertThat(probe(lister, "").listing())
                    .isEqualTo(objects == 0 ? StoreTraits.Listing.START_AFTER : StoreTraits.Listing.TOKENS);

            store.behave(Behaviour.startingAtStartAfter());
            assertThat(probe(lister, "").listing())
                    .isEqualTo(objects == 0 ? StoreTraits.Listing.START_AFTER : StoreTraits.Listing.TOKENS);

            store.behave(Behaviour.inOrder(Comparator.reverseOrder()));
            assertThat(probe(lister, "").listing())
                    .isEqualTo(objects < 2 ? StoreTraits.Listing.START_AFTER : StoreTraits.Listing.COPY);
        }
    }

    @Test
    void objectsThatComeAndGoMeanwhileAreNoReasonForMistrust() {
        try (SyntheticStore store = SyntheticStore.generated(1000, "%04d"::formatted);
                StartedLister lister = on(store)) {
            // no two answers have the same object behind each one, and each lacks another one
            store.behave((request, honest) -> Behaviour.pages(page -> {
                        List<ObjectEntry> entries = new ArrayList<>();
                        for (ObjectEntry entry : page.entries()) {
                            if (entry.key().hashCode() % 5 != request.number() % 5) {
                                entries.add(entry);
                            }
                            entries.add(ObjectEntry.of(entry.key() + "-" + request.number()));
                        }
                        return page.withEntries(entries);
                    })
                    .answer(request, honest));

            assertThat(probe(lister, "").listing()).isEqualTo(StoreTraits.Listing.START_AFTER);
        }
    }

    @Test
    void keysWithPercentSignsAreAskedBehindHoweverTheStoreRepeatsThem() {
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys("%1", "%2", "%zz", "a", "b%", "c%d"));
                StartedLister lister = on(store)) {
            store.behave(Behaviour.echoingRaw());

            StoreTraits traits = probe(lister, "");

            assertThat(traits.listing()).isEqualTo(StoreTraits.Listing.START_AFTER);
        }
    }

    @Test
    void theClockIsTheStores() {
        Instant elsewhere = Instant.parse("2024-01-05T03:04:05Z");
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys("a"));
                StartedLister lister = on(store)) {
            store.behave(Behaviour.dated(elsewhere));
            assertThat(probe(lister, "").clock()).isEqualTo(elsewhere);

            store.behave(Behaviour.withoutDate());
            assertThat(probe(lister, "").clock()).isNull();
        }
    }

    @Test
    void aFaultIsNoTrait() {
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys("a"));
                StartedLister lister = on(store)) {
            store.behave(Behaviour.failing(503, "SlowDown"));
            assertThatThrownBy(() -> probe(lister, "")).isInstanceOf(S3Exception.class);
            store.behave(Behaviour.cutOff());
            assertThatThrownBy(() -> probe(lister, "")).isInstanceOf(SdkClientException.class);
            store.behave(Behaviour.honest());
            store.behaveOnHead(found -> 503);
            assertThatThrownBy(() -> probe(lister, "")).isInstanceOf(S3Exception.class);
        }
    }

    @Test
    void aPrefixThatLeavesNoRoomForAnotherKeyIsProbedAll() {
        String prefix = "p".repeat(1020);
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys(prefix, prefix + "ab"));
                StartedLister lister = on(store)) {
            assertThat(probe(lister, prefix).listing()).isEqualTo(StoreTraits.Listing.START_AFTER);
        }
    }

    @Test
    void whatAnEarlierRunSawIsNotForgotten() {
        try (SyntheticStore store = SyntheticStore.of(Listing.ofKeys("a"));
                StartedLister lister = on(store)) {
            StoreProbe probe = new StoreProbe(lister::lister, new KeySpace(""));
            FirstPages pages = probe.comparePages();
            StoreTraits honest = probe.traits(pages, true, "");
            StoreTraits noticed = StoreTraits.outOfOrder(
                    honest, new IllegalStateException(new ListingOrderException("\uFFFD", "\uD83D\uDE00\n")));

            assertThat(noticed.listing()).isEqualTo(StoreTraits.Listing.COPY);
            assertThat(noticed.reason()).contains("(\"\uD83D\uDE00\\n\" came after \"\uFFFD\")");
            assertThat(StoreTraits.ofJson(noticed.json())).isEqualTo(noticed);
            assertThat(probe.traits(pages, true, noticed.json()).listing()).isEqualTo(StoreTraits.Listing.COPY);
            assertThat(probe.traits(pages, true, honest.json())).isEqualTo(honest);
        }
    }

    private static StoreTraits probe(StartedLister lister, String prefix) {
        StoreProbe probe = new StoreProbe(lister::lister, new KeySpace(prefix));
        FirstPages pages = probe.comparePages();
        return probe.traits(pages, probe.headTellsAbsent(pages.keys()), null);
    }

    private static StartedLister on(SyntheticStore store) {
        return new StartedLister(store.endpoint(), SyntheticStore.BUCKET, "any-access-key", "any-secret-key");
    }
}
