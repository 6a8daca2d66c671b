package dev.stocktake.storage;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;

/** What the keys of quarantined files begin with, in the bucket that is compared, whoever moved them there and when. */
public final class QuarantinePrefixes {
    private static final String MARKER = ".stocktake-quarantine.json";

    private final Set<String> known = new CopyOnWriteArraySet<>();
    private final Set<String> notMarkers = new CopyOnWriteArraySet<>();

    /** The key of the object that tells others what a folder is. */
    static String markerIn(String prefix) {
        return prefix + MARKER;
    }

    /** Leaves these out of listings from now on, too. */
    public void add(List<String> prefixes) {
        known.addAll(prefixes);
    }

    /** Does not take this key for a marker any more: it is somebody's file. */
    public void addFile(String key) {
        notMarkers.add(key);
    }

    /** All of them, in no order. */
    public List<String> all() {
        return List.copyOf(known);
    }

    /** Whether an object is no object of the bucket. */
    boolean cover(String key) {
        for (String prefix : known) {
            if (key.startsWith(prefix)) {
                return true;
            }
        }
        return key.equals(ClaimObject.KEY);
    }

    /**
     * Refuses to go on with a listing that shows the marker of a quarantine which was not known: what was listed before may
     * have been in there.
     *
     * @throws QuarantineSeenException with the key of the marker
     */
    void refuseMarker(String key) {
        if (key.endsWith("/" + MARKER) && !notMarkers.contains(key)) {
            throw new QuarantineSeenException(key, key.substring(0, key.length() - MARKER.length()));
        }
    }

    /** A folder of the listing is the quarantine of another deployment, or of other settings. */
    public static final class QuarantineSeenException extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final String marker;
        private final String prefix;

        QuarantineSeenException(String marker, String prefix) {
            super("The folder \"" + prefix + "\" says that it is a quarantine, which nobody here knew; run again.");
            this.marker = marker;
            this.prefix = prefix;
        }

        public String marker() {
            return marker;
        }

        /** Of the keys in that quarantine. */
        public String prefix() {
            return prefix;
        }
    }
}
