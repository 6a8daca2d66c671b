package dev.stocktake.cleanup;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.stocktake.json.Json;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Iterator;

/** What tells a plan from every other one: SHA-256 of one line of JSON for the plan and one for each item. */
final class PlanHash {
    private PlanHash() {}

    /**
     * In hexadecimal.
     *
     * @param plan whose own hash does not count
     * @param items in the order of their numbers
     */
    static String of(Plan plan, Iterator<PlanItem> items) {
        MessageDigest digest = sha256();
        Plan withoutHash = new Plan(
                plan.id(),
                plan.runId(),
                plan.bucket(),
                plan.prefix(),
                plan.quarantine(),
                plan.recordsQuery(),
                plan.madeAt(),
                plan.madeBy(),
                plan.expiresAt(),
                plan.files(),
                plan.bytes(),
                null);
        digest.update(line(withoutHash));
        items.forEachRemaining(item -> digest.update(line(item)));
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Of any text, in hexadecimal. */
    static String of(String text) {
        return HexFormat.of().formatHex(sha256().digest(text.getBytes(UTF_8)));
    }

    private static byte[] line(Record value) {
        return (Json.write(value) + "\n").getBytes(UTF_8);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
