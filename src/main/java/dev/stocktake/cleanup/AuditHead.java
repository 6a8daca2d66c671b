package dev.stocktake.cleanup;

import java.time.OffsetDateTime;

/**
 * The last action there is. Its hash stands for all actions up to it: kept elsewhere, it shows whether any was changed or
 * taken away since.
 *
 * @param number from 1
 * @param hash SHA-256, in hexadecimal
 * @param at in UTC
 */
public record AuditHead(long number, String hash, OffsetDateTime at) {
    /** For people and logs. */
    public String line() {
        return "Audit head: " + number + " " + hash;
    }
}
