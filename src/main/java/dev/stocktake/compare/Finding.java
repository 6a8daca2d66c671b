package dev.stocktake.compare;

import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * One difference between the bucket and the records.
 *
 * @param kind which side is there alone
 * @param storageKey of the object or record
 * @param recordId null for an orphaned file
 * @param size in bytes, null where unknown
 * @param etag null where unknown
 * @param lastModified of the object; of an orphaned record, when it was made or last changed, null where unknown
 */
public record Finding(Kind kind, String storageKey, String recordId, Long size, String etag, Instant lastModified) {
    /** Which side is there alone. */
    public enum Kind {
        ORPHANED_FILE,
        ORPHANED_RECORD;

        /** As it is stored, exported and served. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** The kind of this label; empty when there is none. */
        public static Optional<Kind> of(String label) {
            return Arrays.stream(values())
                    .filter(kind -> kind.label().equals(label))
                    .findFirst();
        }
    }

    static Finding orphanedFile(StoredObject object) {
        return new Finding(Kind.ORPHANED_FILE, object.key(), null, object.size(), object.etag(), object.lastModified());
    }

    static Finding orphanedRecord(AssetRecord row) {
        return new Finding(
                Kind.ORPHANED_RECORD, row.storageKey(), row.recordId(), row.size(), row.etag(), row.changedAt());
    }
}
