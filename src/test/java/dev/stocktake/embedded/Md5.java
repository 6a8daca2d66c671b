package dev.stocktake.embedded;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** What S3 makes an ETag of, for an object that was not uploaded in parts. */
public final class Md5 {
    private Md5() {}

    public static String hex(byte[] content) {
        return HexFormat.of().formatHex(of(content));
    }

    static byte[] of(byte[] content) {
        try {
            return MessageDigest.getInstance("MD5").digest(content);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has MD5", e);
        }
    }
}
