package dev.stocktake.storage;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import dev.stocktake.compare.ListingOrderException;
import dev.stocktake.json.Json;
import dev.stocktake.text.Visible;
import java.time.Instant;

/**
 * How a store was found to answer, and how its bucket is listed for that. As JSON it is kept with the run.
 *
 * @param listing how the bucket is listed
 * @param reason why it is listed so, one sentence for people; null for {@code START_AFTER}
 * @param startAfterTrusted whether StartAfter gives the same as continuation tokens
 * @param tokensTrusted whether a continuation token leads to what comes behind the page before
 * @param byteOrder whether everything listed so far was in UTF-8 byte order
 * @param headTellsAbsent whether HEAD answers 404 for an object that is not there, and 200 for one that is
 * @param clock of the store when it was asked; null when it does not tell
 */
public record StoreTraits(
        Listing listing,
        String reason,
        boolean startAfterTrusted,
        boolean tokensTrusted,
        boolean byteOrder,
        boolean headTellsAbsent,
        Instant clock) {

    /** How a bucket is listed. */
    public enum Listing {
        /** Each page begins behind the last key of the one before. */
        START_AFTER,
        /** By continuation tokens, one range for each top-level folder. */
        TOKENS,
        /** By continuation tokens into a table, which is then read in byte order. */
        COPY
    }

    /** Of a store that was not asked: one that keeps to what S3 promises, and no more. */
    private static final StoreTraits UNKNOWN =
            new StoreTraits(Listing.START_AFTER, null, true, true, true, false, null);

    /** What is known of the store, where null stands for nothing. */
    public static StoreTraits known(StoreTraits store) {
        return store == null ? UNKNOWN : store;
    }

    /**
     * Decides how to list by what was found.
     *
     * @param disorder what was seen out of order, for people; null when everything was in UTF-8 byte order
     */
    public static StoreTraits decide(
            String disorder, boolean startAfterTrusted, boolean tokensTrusted, boolean headTellsAbsent, Instant clock) {
        Listing listing;
        String reason = null;
        if (disorder != null) {
            listing = Listing.COPY;
            reason = whyCopied(disorder);
        } else if (startAfterTrusted) {
            listing = Listing.START_AFTER;
        } else {
            listing = Listing.TOKENS;
            reason = "The store does not answer StartAfter with the keys behind it, so that the bucket is listed by"
                    + " continuation tokens, one range for each top-level folder.";
        }
        return new StoreTraits(
                listing, reason, startAfterTrusted, tokensTrusted, disorder == null, headTellsAbsent, clock);
    }

    /**
     * What is known after a listing turned out not to be in byte order: it has to be copied.
     *
     * @param failure a {@link ListingOrderException}, or caused by one
     */
    public static StoreTraits outOfOrder(StoreTraits before, Throwable failure) {
        Throwable cause = failure;
        while (!(cause instanceof ListingOrderException) && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (!(cause instanceof ListingOrderException seen)) {
            throw new IllegalArgumentException("Only a listing out of order tells of one", failure);
        }
        return new StoreTraits(
                Listing.COPY,
                whyCopied("\"" + seen.key() + "\" came after \"" + seen.before() + "\""),
                before.startAfterTrusted,
                before.tokensTrusted,
                false,
                before.headTellsAbsent,
                before.clock);
    }

    /**
     * What is known after the whole listing was copied, for the next run: one that was in byte order throughout need not
     * be copied again.
     */
    public static StoreTraits after(StoreTraits before, ListingCopy copy) {
        return new StoreTraits(
                before.listing,
                before.reason,
                before.startAfterTrusted,
                before.tokensTrusted,
                copy.inOrder(),
                before.headTellsAbsent,
                before.clock);
    }

    /** Whether the listing is copied, and compared in the order of the copy. */
    @JsonIgnore
    public boolean isCopied() {
        return listing == Listing.COPY;
    }

    /** Whether the listing need not begin at its beginning. */
    @JsonIgnore
    public boolean canBeginAnywhere() {
        return listing == Listing.START_AFTER;
    }

    /** As kept with the run. */
    public String json() {
        return Json.write(this);
    }

    /** From {@link #json}; what it does not name is false or null. */
    static StoreTraits ofJson(String json) {
        try {
            return Json.MAPPER
                    .readerFor(StoreTraits.class)
                    .without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .readValue(json);
        } catch (JsonProcessingException unreadable) {
            throw new IllegalStateException(
                    "The column store of stocktake.run must hold what a run stored there, was: " + Visible.text(json),
                    unreadable);
        }
    }

    private static String whyCopied(String disorder) {
        return "The store does not list in UTF-8 byte order (" + Visible.text(disorder)
                + "), so that its listing is copied into a table and compared there.";
    }
}
