package dev.stocktake.records;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.stocktake.json.Json;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** A plan of PostgreSQL. */
record QueryPlan(JsonNode node) {
    /** Stands before the query whose plan is wanted. */
    static final String EXPLAIN = "EXPLAIN (VERBOSE, FORMAT JSON) ";

    /** Reads nothing, or what is no table. */
    private static final Set<String> TABLELESS = Set.of("Result", "Function Scan", "Values Scan");

    static QueryPlan parse(String json) {
        try {
            return new QueryPlan(Json.MAPPER.readTree(json).path(0).path("Plan"));
        } catch (JsonProcessingException impossible) {
            throw new IllegalArgumentException(impossible);
        }
    }

    private String type() {
        return node.path("Node Type").asText();
    }

    private List<QueryPlan> children() {
        return StreamSupport.stream(node.path("Plans").spliterator(), false)
                .map(QueryPlan::new)
                .toList();
    }

    private Stream<QueryPlan> all() {
        return Stream.concat(Stream.of(this), children().stream().flatMap(QueryPlan::all));
    }

    /** Whether it sorts anything but ties. */
    boolean sorts() {
        return all().anyMatch(part -> part.type().equals("Sort"));
    }

    /** Whether it reads only what its conditions select, from indexes, and sorts nothing but ties. */
    boolean readsInOrder() {
        return !sorts()
                && all().filter(part -> part.children().isEmpty())
                        .allMatch(leaf -> leaf.node.has("Index Cond") || TABLELESS.contains(leaf.type()));
    }

    /**
     * A part that rows come from, as a branch of a UNION ALL or a partition.
     *
     * @param key the first expression that the whole plan puts out, as the part makes it
     */
    record Branch(String key, QueryPlan plan) {}

    /** The parts that the rows come from one after the other. */
    List<Branch> branches() {
        return branches(firstOutput());
    }

    private List<Branch> branches(String key) {
        List<QueryPlan> children = children();
        if (type().equals("Append") || type().equals("Merge Append")) {
            return children.stream()
                    .flatMap(child -> child.branches(child.firstOutput()).stream())
                    .toList();
        }
        if (type().equals("Result") && children.size() == 1) {
            // what it does to each key is written of the first branch's
            String first = children.get(0).branches().get(0).key();
            return children.get(0).branches().stream()
                    .map(branch -> new Branch(key.replace(first, branch.key()), branch.plan()))
                    .toList();
        }
        if (type().equals("Subquery Scan") && children.size() == 1) {
            // names no longer say which of its columns is the key, but PostgreSQL makes the others NULL
            List<String> used = outputs(children.get(0)).stream()
                    .filter(output -> !output.startsWith("NULL::"))
                    .toList();
            return used.size() == 1 ? children.get(0).branches(used.get(0)) : List.of(new Branch("", this));
        }
        return List.of(new Branch(key, this));
    }

    private String firstOutput() {
        return outputs(this).stream().findFirst().orElse("");
    }

    private static List<String> outputs(QueryPlan plan) {
        return StreamSupport.stream(plan.node.path("Output").spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }

    /** The indexes read, with their schemas, quoted. */
    List<String> indexes() {
        return all().filter(part -> part.node.has("Index Name"))
                .map(part -> quoted(part.node.path("Schema").asText()) + "."
                        + quoted(part.node.path("Index Name").asText()))
                .distinct()
                .toList();
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /** The tables read. */
    List<Table> tables() {
        return tables(part -> !part.type().equals("Foreign Scan"));
    }

    /** The same, and what is read from elsewhere under the name of a table. */
    List<Table> relations() {
        return tables(part -> true);
    }

    private List<Table> tables(Predicate<QueryPlan> which) {
        return all().filter(part -> part.node.has("Relation Name"))
                .filter(which)
                .map(part -> new Table(
                        part.node.path("Schema").asText(),
                        part.node.path("Relation Name").asText(),
                        part.node.path("Alias").asText()))
                .toList();
    }

    /** A table under the name that the expressions of the plan give it; nothing is quoted. */
    record Table(String schema, String name, String alias) {}
}
