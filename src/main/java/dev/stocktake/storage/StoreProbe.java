package dev.stocktake.storage;

import dev.stocktake.compare.KeyOrder;
import dev.stocktake.compare.KeySpace;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Finds out how a store answers, with a few small requests that change nothing. */
public final class StoreProbe {
    private static final int SMALL_PAGE = 20;

    /** Objects come and go meanwhile: only what differs each time is the store's doing. */
    private static final int LOOKS = 4;

    private static final int KNOWN_KEYS_ASKED_FOR = 3;

    private final Supplier<StorageLister> storage;
    private final String prefix;

    /**
     * Asks the store of a lister.
     *
     * @param storage asked when a run probes: the route files say what it lists
     * @param keySpace that runs compare
     */
    public StoreProbe(Supplier<StorageLister> storage, KeySpace keySpace) {
        this.storage = storage;
        this.prefix = keySpace.prefix();
    }

    /**
     * Compares what StartAfter gives, behind the last key of the first page and behind one in its middle, with what
     * continuation tokens give.
     */
    public FirstPages comparePages() {
        Look look = look();
        Set<String> disputed = look.disputed;
        for (int looks = 1; looks < LOOKS && look.disorder == null && !disputed.isEmpty(); looks++) {
            look = look();
            disputed.retainAll(look.disputed);
        }
        if (look.disorder == null && !look.tokensAdvance && !look.startAfterAdvances) {
            look.disorder = "what comes behind a page does not follow it";
        }
        // where tokens lead astray there is nothing to compare with
        boolean startAfterTrusted = look.startAfterAdvances && (disputed.isEmpty() || !look.tokensAdvance);
        return new FirstPages(
                look.disorder, startAfterTrusted, look.tokensAdvance, keys(look.first), clock(look.first));
    }

    /**
     * Whether HEAD tells an object that is not there from one that may not be seen.
     *
     * @param present keys of objects that were listed a moment ago
     */
    public boolean headTellsAbsent(List<String> present) {
        String absent = possible("stocktake-probe-" + UUID.randomUUID());
        return headStatus(absent) == 404
                && (present.isEmpty()
                        || present.stream().limit(KNOWN_KEYS_ASKED_FOR).anyMatch(key -> headStatus(key) == 200));
    }

    /**
     * Puts together what was found.
     *
     * @param known what the newest earlier run knew of the store, as JSON; null or empty for nothing
     */
    public StoreTraits traits(FirstPages pages, boolean headTellsAbsent, String known) {
        String disorder = pages.disorder();
        if (disorder == null
                && known != null
                && !known.isEmpty()
                && !StoreTraits.ofJson(known).byteOrder()) {
            disorder = "as an earlier run saw";
        }
        return StoreTraits.decide(
                disorder, pages.startAfterTrusted(), pages.tokensTrusted(), headTellsAbsent, pages.clock());
    }

    private Look look() {
        ListObjectsV2Response first = ask(request -> request.maxKeys(SMALL_PAGE));
        List<String> keys = keys(first);
        Look look = new Look(first);
        look.mustAscend(keys);
        List<String> follow = List.of();
        boolean goesOn = Boolean.TRUE.equals(first.isTruncated()) && first.nextContinuationToken() != null;
        if (goesOn && first.nextContinuationToken().equals(NextToken.UNREADABLE)) {
            look.tokensAdvance = false;
        } else if (goesOn) {
            ListObjectsV2Response second = ask(request ->
                    request.continuationToken(first.nextContinuationToken()).maxKeys(SMALL_PAGE));
            follow = keys(second);
            look.mustAscend(follow);
            look.tokensAdvance = keys.isEmpty() || isBehind(keys.get(keys.size() - 1), follow);
            goesOn = Boolean.TRUE.equals(second.isTruncated());
        }
        for (int place : places(keys)) {
            ListObjectsV2Response behind =
                    ask(request -> request.startAfter(keys.get(place)).maxKeys(SMALL_PAGE));
            List<String> answered = keys(behind);
            look.mustAscend(answered);
            look.startAfterAdvances &= isBehind(keys.get(place), answered);
            List<String> expected = new ArrayList<>(keys.subList(place + 1, keys.size()));
            expected.addAll(follow);
            look.dispute(expected, goesOn, answered, Boolean.TRUE.equals(behind.isTruncated()));
        }
        return look;
    }

    /** The last of the keys and one in their middle. */
    private static Set<Integer> places(List<String> keys) {
        return keys.isEmpty() ? Set.of() : new LinkedHashSet<>(List.of(keys.size() - 1, keys.size() / 2));
    }

    /** Within the prefix, where that leaves room. */
    private String possible(String name) {
        return KeySpace.isPossible(prefix + name) ? prefix + name : name;
    }

    private static boolean isBehind(String key, List<String> page) {
        return page.stream().allMatch(each -> KeyOrder.UTF_8.compare(each, key) > 0);
    }

    private ListObjectsV2Response ask(Consumer<ListObjectsV2Request.Builder> how) {
        Bucket bucket = storage.get().bucket();
        return bucket.client()
                .listObjectsV2(bucket.listing(prefix).applyMutation(how).build());
    }

    private int headStatus(String key) {
        Bucket bucket = storage.get().bucket();
        try {
            bucket.client().headObject(request -> request.bucket(bucket.name()).key(key));
            return 200;
        } catch (S3Exception refusal) {
            if (ObjectLookup.isPassing(refusal)) {
                throw refusal;
            }
            return refusal.statusCode();
        }
    }

    private static List<String> keys(ListObjectsV2Response page) {
        return page.contents().stream()
                .map(listed -> Bucket.object(listed).key())
                .toList();
    }

    private static Instant clock(ListObjectsV2Response page) {
        return Bucket.clock(page.sdkHttpResponse());
    }

    /** The same few pages asked for in either way, once. */
    private static final class Look {
        private final ListObjectsV2Response first;
        private final Set<String> disputed = new HashSet<>();
        private String disorder;
        private boolean tokensAdvance = true;
        private boolean startAfterAdvances = true;

        Look(ListObjectsV2Response first) {
            this.first = first;
        }

        void mustAscend(List<String> page) {
            for (int i = 1; i < page.size() && disorder == null; i++) {
                if (KeyOrder.UTF_8.compare(page.get(i - 1), page.get(i)) >= 0) {
                    disorder = "\"" + page.get(i) + "\" came after \"" + page.get(i - 1) + "\"";
                }
            }
        }

        /** Keys that only one of two answers has, as far as both go. */
        void dispute(List<String> one, boolean oneGoesOn, List<String> other, boolean otherGoesOn) {
            one.stream()
                    .filter(key -> !other.contains(key) && reaches(other, otherGoesOn, key))
                    .forEach(disputed::add);
            other.stream()
                    .filter(key -> !one.contains(key) && reaches(one, oneGoesOn, key))
                    .forEach(disputed::add);
        }

        private static boolean reaches(List<String> page, boolean goesOn, String key) {
            return !goesOn || (!page.isEmpty() && KeyOrder.UTF_8.compare(page.get(page.size() - 1), key) >= 0);
        }
    }
}
