package dev.stocktake.compare;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** A table in memory, read as the statement of {@code routes/records.camel.yaml} reads it. */
final class SimulatedTable {
    private final List<AssetRecord> records;
    private final int pageSize;
    private int largestPage;

    SimulatedTable(Collection<AssetRecord> records, int pageSize) {
        this.records = records.stream()
                .sorted(Comparator.comparing(AssetRecord::storageKey, Keys.BY_UTF_8_BYTES)
                        .thenComparing(AssetRecord::recordId, Keys.BY_UTF_8_BYTES))
                .toList();
        this.pageSize = pageSize;
    }

    /** Records of the largest page so far, which may be larger than asked for by its ties. */
    int largestPage() {
        return largestPage;
    }

    RecordsPage page(Cursor cursor) {
        List<AssetRecord> page = new ArrayList<>();
        for (AssetRecord row : records) {
            boolean isWanted = row.storageKey().startsWith(cursor.prefix())
                    && isBehind(cursor.recordsFrom(), row)
                    && Keys.BY_UTF_8_BYTES.compare(
                                    row.storageKey(), cursor.range().upTo())
                            <= 0;
            if (isWanted && page.size() >= pageSize && !isTie(page.get(page.size() - 1), row)) {
                break;
            }
            if (isWanted) {
                page.add(row);
            }
        }
        largestPage = Math.max(largestPage, page.size());
        return new RecordsPage(cursor.recordsFrom(), List.copyOf(page));
    }

    private static boolean isBehind(RecordsMarker marker, AssetRecord row) {
        int order = Keys.BY_UTF_8_BYTES.compare(row.storageKey(), marker.storageKey());
        return order > 0
                || (order == 0
                        && marker.recordId() != null
                        && Keys.BY_UTF_8_BYTES.compare(row.recordId(), marker.recordId()) > 0);
    }

    private static boolean isTie(AssetRecord one, AssetRecord other) {
        return one.storageKey().equals(other.storageKey()) && one.recordId().equals(other.recordId());
    }
}
