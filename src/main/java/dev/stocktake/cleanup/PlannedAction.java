package dev.stocktake.cleanup;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.stocktake.compare.Finding.Kind;
import java.util.Locale;

/** What a plan is to do about each of its items. */
public enum PlannedAction {
    /** Moves a file into quarantine. */
    QUARANTINE,
    /** Deletes a file for good. */
    DELETE,
    /** Deletes a record by the statement of the route file. */
    DELETE_RECORD,
    /** Marks a record by the statement of the route file. */
    MARK_RECORD;

    /** As it is stored and served. */
    @JsonValue
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The action of this label. */
    static PlannedAction of(String label) {
        return valueOf(label.toUpperCase(Locale.ROOT));
    }

    /** What its items are. */
    public Kind kind() {
        return this == DELETE_RECORD || this == MARK_RECORD ? Kind.ORPHANED_RECORD : Kind.ORPHANED_FILE;
    }

    /** For people: what its items are called. */
    String items() {
        return kind() == Kind.ORPHANED_FILE ? "files" : "records";
    }
}
