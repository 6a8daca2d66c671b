package dev.stocktake.claim;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.stocktake.text.Visible;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What tells a records database from every other one, a copy of it included, as far as a plain role may know.
 *
 * @param host as {@code DATABASE_URL} has it, with the port; several where it has several
 * @param name as the server has it
 * @param oid of the database in its cluster: a logical copy has another one
 * @param systemIdentifier of the cluster, which a physical copy shares; null where the role may not read it
 * @param startedAt when the server was started: whoever sees the same is connected to the same server, by whatever name
 * @param relations that the records query reads, with their schemas; none where nobody knows
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record ClaimedDatabase(
        String host, String name, long oid, String systemIdentifier, Instant startedAt, List<String> relations) {
    public ClaimedDatabase {
        relations = relations == null ? List.of() : List.copyOf(relations);
    }

    boolean isWhole() {
        return host != null && name != null && startedAt != null;
    }

    /** For people: name and host. */
    String display() {
        return "\"" + Claim.shown(name) + "\" at " + Claim.shown(host);
    }

    /**
     * What says that this is another database than the one of a claim, but for its address.
     *
     * @return what reads on after "because"; none where nothing says so
     */
    List<String> differencesTo(ClaimedDatabase claimed) {
        List<String> differences = new ArrayList<>();
        if (systemIdentifier != null
                && claimed.systemIdentifier != null
                && !systemIdentifier.equals(claimed.systemIdentifier)) {
            differences.add("it is on another server (system identifier " + Claim.shown(systemIdentifier)
                    + " instead of " + Claim.shown(claimed.systemIdentifier) + ")");
        }
        if (!name.equals(claimed.name)) {
            differences.add(
                    "it has another name (" + Visible.text(name) + " instead of " + Claim.shown(claimed.name) + ")");
        } else if (oid != claimed.oid) {
            differences.add("it is another database of that name, as a copy or a restored dump is (oid " + oid
                    + " instead of " + claimed.oid + ")");
        }
        if (!relations.isEmpty()
                && !claimed.relations.isEmpty()
                && Collections.disjoint(relations, claimed.relations)) {
            differences.add("the records query reads other tables (" + Visible.text(String.join(", ", relations))
                    + " instead of " + Claim.shown(String.join(", ", claimed.relations)) + ")");
        }
        return differences;
    }

    /** Whether nothing but its address may tell it from the one of a claim, and the address does. */
    boolean isElsewhere(ClaimedDatabase claimed) {
        return !host.equalsIgnoreCase(claimed.host) && !startedAt.equals(claimed.startedAt);
    }
}
