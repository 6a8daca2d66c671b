package dev.stocktake.cleanup;

import dev.stocktake.compare.AssetRecord;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;

/** Records of one plan: both databases are asked about all of them at once. */
public record RecordBatch(Plan plan, List<CleanupRecord> items) implements CleanupBatch {
    public RecordBatch {
        items = List.copyOf(items);
    }

    /** Of the plan alone: Camel asks for it whenever a route reads something of the batch. */
    @Override
    public int hashCode() {
        return plan.hashCode();
    }

    /** The same batch, its records one step further. */
    public static RecordBatch with(RecordBatch before, List<CleanupRecord> records) {
        return new RecordBatch(before.plan, records);
    }

    /** The storage keys of those that are open. */
    public String[] keys() {
        return items.stream()
                .filter(CleanupItem::isOpen)
                .map(record -> record.item().storageKey())
                .toArray(String[]::new);
    }

    /** The record ids of those that are open. */
    public String[] recordIds() {
        return items.stream()
                .filter(CleanupItem::isOpen)
                .map(record -> record.item().recordId())
                .toArray(String[]::new);
    }

    /** The keys of files: none. */
    public String[] fileKeys() {
        return new String[0];
    }

    /** Those whose row was read and is to be saved. */
    public List<CleanupRecord> read() {
        return items.stream().filter(CleanupItem::isOpen).toList();
    }

    /** The same batch; what the records query does not show as it was found has its outcome. */
    public static RecordBatch checked(RecordBatch batch, List<AssetRecord> rows) {
        return batch.each(record -> {
            List<AssetRecord> found = rows.stream()
                    .filter(row -> row.storageKey().equals(record.item().storageKey())
                            && row.recordId().equals(record.item().recordId()))
                    .toList();
            CleanupRecord counted = record.foundTimes(found.size());
            if (found.isEmpty()) {
                return counted.changed("it is gone");
            }
            if (found.size() > 1) {
                return counted.skipped("more than one record has this key and this id");
            }
            return Objects.equals(
                            found.get(0).changedAt(),
                            record.item().lastModified() == null
                                    ? null
                                    : record.item().lastModified().toInstant())
                    ? counted
                    : counted.changed("it was changed since it was found");
        });
    }

    /**
     * The same batch, with the rows that are to be saved.
     *
     * @param rows each with {@code storage_key}, {@code record_id} and {@code row}, a JSON object
     */
    public static RecordBatch withRows(RecordBatch batch, List<Map<String, Object>> rows) {
        return batch.each(record -> {
            List<String> found = rows.stream()
                    .filter(row -> record.item().storageKey().equals(row.get("storage_key"))
                            && record.item().recordId().equals(row.get("record_id")))
                    .map(row -> String.valueOf(row.get("row")))
                    .toList();
            return found.size() == 1
                    ? record.withRow(found.get(0))
                    : record.skipped("the table of cleanup-records.camel.yaml has " + found.size() + " rows of it");
        });
    }

    private RecordBatch each(UnaryOperator<CleanupRecord> step) {
        return new RecordBatch(
                plan,
                items.stream()
                        .map(record -> record.isOpen() ? step.apply(record) : record)
                        .toList());
    }
}
