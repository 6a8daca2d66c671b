package dev.stocktake.embedded;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * One page of a listing as S3 cuts it: keys and common prefixes together are at most as many as were asked for.
 *
 * @param next where the next page begins; empty when this page is the last
 */
record Slice(List<ObjectEntry> entries, List<String> commonPrefixes, Optional<Position> next) {

    /** Reads only what is on the page: a common prefix is stepped over, however many keys it has. */
    static Slice of(Listing listing, String prefix, String delimiter, Position start, int maxKeys) {
        List<ObjectEntry> entries = new ArrayList<>();
        List<String> commonPrefixes = new ArrayList<>();
        Position next = start.max(Position.from(prefix));
        Iterator<ObjectEntry> objects = listing.from(next.key(), next.inclusive());
        // asked for nothing, S3 says that there is nothing more either
        while (maxKeys > 0 && objects.hasNext()) {
            ObjectEntry object = objects.next();
            String key = object.key();
            if (!key.startsWith(prefix)) {
                break;
            }
            if (entries.size() + commonPrefixes.size() == maxKeys) {
                return new Slice(entries, commonPrefixes, Optional.of(next));
            }
            int delimited = delimiter.isEmpty() ? -1 : key.indexOf(delimiter, prefix.length());
            if (delimited < 0) {
                entries.add(object);
                next = Position.after(key);
            } else {
                String commonPrefix = key.substring(0, delimited + delimiter.length());
                commonPrefixes.add(commonPrefix);
                Optional<Position> beyond = Utf8Order.afterAllWith(commonPrefix).map(Position::from);
                if (beyond.isEmpty()) {
                    break;
                }
                next = beyond.get();
                objects = listing.from(next.key(), next.inclusive());
            }
        }
        return new Slice(entries, commonPrefixes, Optional.empty());
    }
}
