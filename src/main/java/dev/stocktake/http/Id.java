package dev.stocktake.http;

import java.util.Optional;
import java.util.UUID;

/** Reads the id of a run or a plan. */
final class Id {
    private Id() {}

    /** The id, where the text is all of it; {@link UUID#fromString} lets digits be left out. */
    static Optional<UUID> of(String text) {
        try {
            UUID id = UUID.fromString(text);
            return id.toString().equalsIgnoreCase(text) ? Optional.of(id) : Optional.empty();
        } catch (IllegalArgumentException malformed) {
            return Optional.empty();
        }
    }
}
