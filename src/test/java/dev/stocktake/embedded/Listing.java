package dev.stocktake.embedded;

import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.NavigableMap;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongFunction;

/** What a bucket holds, in UTF-8 byte order of the keys. */
@FunctionalInterface
public interface Listing {
    /** The objects from the first key that is greater than {@code key}, or, when inclusive, equal to it. */
    Iterator<ObjectEntry> from(String key, boolean inclusive);

    /** The object with this key. */
    default Optional<ObjectEntry> find(String key) {
        Iterator<ObjectEntry> found = from(key, true);
        return found.hasNext()
                ? Optional.of(found.next()).filter(entry -> entry.key().equals(key))
                : Optional.empty();
    }

    /** These objects, given in any order. */
    static Listing of(Collection<ObjectEntry> entries) {
        NavigableMap<String, ObjectEntry> byKey = new TreeMap<>(Utf8Order.INSTANCE);
        for (ObjectEntry entry : entries) {
            if (byKey.put(entry.key(), entry) != null) {
                throw new IllegalArgumentException("Each key must be given once, was given again: " + entry.key());
            }
        }
        return (key, inclusive) -> byKey.tailMap(key, inclusive).values().iterator();
    }

    /** Objects of which only the keys matter, given in any order. */
    static Listing ofKeys(String... keys) {
        return of(Arrays.stream(keys).map(ObjectEntry::of).toList());
    }

    /** Objects numbered from 0, whose keys must increase in UTF-8 byte order with the number; none is kept. */
    static Listing generated(long count, LongFunction<ObjectEntry> entryAt) {
        return (key, inclusive) -> {
            long low = 0;
            long high = count;
            while (low < high) {
                long middle = (low + high) >>> 1;
                int order = Utf8Order.INSTANCE.compare(entryAt.apply(middle).key(), key);
                if (order < 0 || (order == 0 && !inclusive)) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            long first = low;
            return new Iterator<>() {
                private long next = first;

                @Override
                public boolean hasNext() {
                    return next < count;
                }

                @Override
                public ObjectEntry next() {
                    if (!hasNext()) {
                        throw new NoSuchElementException();
                    }
                    return entryAt.apply(next++);
                }
            };
        };
    }
}
