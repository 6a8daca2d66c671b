package dev.stocktake.settings;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * A value that must not be printed: {@link #toString()} is always {@code ***}, and comparing takes the same time
 * whether or not, and wherever, the values differ. Never empty.
 */
public final class Secret {
    private final String value;
    private final byte[] digest;

    private Secret(String value) {
        this.value = value;
        this.digest = sha256(value.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Takes every value but the empty one.
     *
     * @throws IllegalArgumentException when the value is empty
     */
    public static Secret of(String value) {
        if (value.isEmpty()) {
            throw new IllegalArgumentException("a secret must not be empty");
        }
        return new Secret(value);
    }

    /** The value itself, for the one call that needs it. */
    public String reveal() {
        return value;
    }

    /** Whether {@code candidate} is this secret. */
    public boolean matches(String candidate) {
        return matches(candidate.getBytes(StandardCharsets.UTF_8));
    }

    /** Whether {@code candidate}, as bytes of UTF-8, is this secret. */
    public boolean matches(byte[] candidate) {
        // digests, because isEqual on the values themselves would tell their length
        return MessageDigest.isEqual(sha256(candidate), digest);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Secret secret && MessageDigest.isEqual(secret.digest, digest);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(digest);
    }

    @Override
    public String toString() {
        return "***";
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
