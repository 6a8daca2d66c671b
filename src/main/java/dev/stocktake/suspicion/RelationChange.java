package dev.stocktake.suspicion;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.stocktake.json.Json;
import dev.stocktake.records.RecordsDatabase.Relation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Tells whether the same records query reads other tables than before: another {@code search_path}, a table of the same name
 * before it, one that was made anew, a partition that was detached, a view that was put before a table or changed. What tables
 * are read besides those of before only add records.
 */
final class RelationChange {
    private RelationChange() {}

    /** From the JSON that a run keeps of them; null for nothing known. */
    static List<Relation> parse(String json) {
        try {
            return json == null ? List.of() : Json.MAPPER.readValue(json, new TypeReference<List<Relation>>() {});
        } catch (JsonProcessingException impossible) {
            throw new IllegalArgumentException(impossible);
        }
    }

    /** One sentence for each change, without a full stop; none where nothing is known of before. */
    static List<String> since(List<Relation> before, List<Relation> now) {
        Map<Long, Relation> nowByOid = by(Relation::oid, now);
        Map<String, Relation> nowByName = by(Relation::name, now);
        Map<String, Relation> beforeByName = by(Relation::name, before);
        List<String> changes = new ArrayList<>();
        List<String> gone = new ArrayList<>();
        changes.addAll(newViews(before, now));
        for (Relation known : before) {
            Relation same = nowByOid.get(known.oid());
            Relation successor = nowByName.get(known.name());
            if (known.isView() && successor != null && successor.isView()) {
                // some make their views anew every day
                if (!successor.definition().equals(known.definition())) {
                    changes.add("The view " + known.name() + " was changed since the last trusted run");
                }
            } else if (same != null) {
                if (same.filtered() && !known.filtered()) {
                    changes.add("Row-level security hides rows of " + same.name()
                            + ", and did not in the last trusted run");
                }
            } else if (successor != null) {
                changes.add("The table " + known.name()
                        + " is another one than in the last trusted run: it was made anew or" + " swapped (its oid was "
                        + known.oid() + " and is " + successor.oid() + ")");
            } else {
                gone.add(known.name());
            }
        }
        if (!gone.isEmpty()) {
            List<String> instead = now.stream()
                    .map(Relation::name)
                    .filter(name -> !beforeByName.containsKey(name))
                    .toList();
            changes.add("The records query no longer reads " + String.join(", ", gone)
                    + (instead.isEmpty() ? "" : ", but " + String.join(", ", instead))
                    + ": check search_path, tables of the same name, and partitions that were detached or dropped");
        }
        return changes;
    }

    /** None where nobody knows which there were. */
    private static List<String> newViews(List<Relation> before, List<Relation> now) {
        if (before.stream().anyMatch(known -> known.definition() == null)) {
            return List.of();
        }
        Set<String> known =
                before.stream().filter(Relation::isView).map(Relation::name).collect(Collectors.toSet());
        return now.stream()
                .filter(relation -> relation.isView() && !known.contains(relation.name()))
                .map(view -> "The records query reads through the view " + view.name()
                        + ", which may leave out records, and did not in the last trusted run")
                .toList();
    }

    private static <K> Map<K, Relation> by(Function<Relation, K> property, List<Relation> relations) {
        return relations.stream().collect(Collectors.toMap(property, Function.identity(), (one, other) -> one));
    }
}
