package dev.stocktake.cleanup;

import java.time.OffsetDateTime;
import java.util.UUID;

/**
 * A row of {@code stocktake.action} without its two hashes; each is null where the column is NULL.
 *
 * @param number from 1, without gaps
 * @param at to the microsecond
 * @param seen JSON as it is stored, to the letter
 */
record ActionRow(
        Long number,
        OffsetDateTime at,
        String madeBy,
        UUID planId,
        String planHash,
        String what,
        Long item,
        String storageKey,
        String seen,
        String outcome,
        String reason,
        Long millis) {}
