package dev.stocktake.compare;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Compares what either side of a range holds, one turn at a time: takes the pages that a {@link Cursor} was waiting for,
 * walks both sides in key order as far as both are known, and leaves the rest in the next cursor.
 *
 * <p>Holds no state and never guesses: where one side has not been read far enough, the other waits.
 */
public final class Merge {
    private final GracePeriod gracePeriod;

    /** For runs with one grace period. */
    public Merge(GracePeriod gracePeriod) {
        this.gracePeriod = gracePeriod;
    }

    /**
     * One turn.
     *
     * @param storagePage null when the cursor needed none
     * @param recordsPage null when the cursor needed none
     * @throws PageException when a page is not the awaited one, out of order or outside its range
     */
    public Cursor turn(Cursor cursor, StoragePage storagePage, RecordsPage recordsPage) {
        return new Turn(cursor, storagePage, recordsPage).walk();
    }

    private final class Turn {
        private final Cursor cursor;
        private final List<StoredObject> objects;
        private final StorageMarker storageFrom;
        private final List<AssetRecord> records;
        private final RecordsMarker recordsFrom;
        private final Instant storageTime;
        private final Plausible plausibleTimes;

        private int nextObject;
        private int nextRecord;
        private String matchedKey;
        private long matched;
        private long matchedRecords;
        private long suspectedFiles;
        private long suspectedRecords;
        private long tooRecentObjects;
        private long tooRecentRecords;
        private long directoryMarkers;
        private long implausibleObjects;
        private long implausibleRecords;
        private long secondsAhead;
        private final List<Suspect> suspects;

        Turn(Cursor cursor, StoragePage storagePage, RecordsPage recordsPage) {
            this.cursor = cursor;
            this.matchedKey = cursor.matchedKey();
            this.suspects = new ArrayList<>(cursor.suspects());
            if (storagePage == null) {
                refuseUnless(!cursor.needsObjects(), "no page of the listing came where one was due");
                this.objects = cursor.objects();
                this.storageFrom = cursor.storageFrom();
                this.storageTime = cursor.storageTime();
            } else {
                refuseUnless(
                        cursor.needsObjects() && storagePage.from().equals(cursor.storageFrom()),
                        "a page of the listing came that was not asked for");
                List<StoredObject> inRange = upToEndOfRange(storagePage);
                this.objects = inRange;
                boolean ended = storagePage.next() == null
                        || inRange.size() < storagePage.objects().size();
                this.storageFrom = ended ? null : storagePage.next();
                this.storageTime = storagePage.answeredAt();
            }
            this.plausibleTimes = Plausible.at(storageTime);
            if (recordsPage == null) {
                refuseUnless(!cursor.needsRecords(), "no page of records came where one was due");
                this.records = cursor.records();
                this.recordsFrom = cursor.recordsFrom();
            } else {
                refuseUnless(
                        cursor.needsRecords() && recordsPage.from().equals(cursor.recordsFrom()),
                        "a page of records came that was not asked for");
                this.records = inOrder(recordsPage);
                this.recordsFrom = records.isEmpty() ? null : markerOf(last(records));
            }
        }

        Cursor walk() {
            while (true) {
                boolean objectsRead = nextObject == objects.size();
                boolean recordsRead = nextRecord == records.size();
                boolean objectsUnknown = objectsRead && storageFrom != null;
                boolean recordsUnknown = recordsRead && recordsFrom != null;
                if (objectsUnknown || recordsUnknown || (objectsRead && recordsRead)) {
                    break;
                }
                int order = objectsRead
                        ? 1
                        : recordsRead
                                ? -1
                                : KeyOrder.UTF_8.compare(
                                        objects.get(nextObject).key(),
                                        records.get(nextRecord).storageKey());
                if (order < 0) {
                    judge(objects.get(nextObject++));
                } else if (order > 0) {
                    AssetRecord row = records.get(nextRecord++);
                    noteTime(row);
                    judge(row);
                } else {
                    // the object stays for the next record of the same key
                    AssetRecord row = records.get(nextRecord++);
                    noteTime(row);
                    matchedKey = row.storageKey();
                    matchedRecords++;
                }
            }
            return new Cursor(
                    cursor.range(),
                    cursor.prefix(),
                    firstKey(),
                    objects.subList(nextObject, objects.size()),
                    storageFrom,
                    nextObject == 0
                            ? cursor.comparedObject()
                            : objects.get(nextObject - 1).key(),
                    records.subList(nextRecord, records.size()),
                    recordsFrom,
                    nextRecord == 0 ? cursor.comparedRecord() : markerOf(records.get(nextRecord - 1)),
                    matchedKey,
                    storageTime,
                    cursor.databaseLag(),
                    cursor.tally().plus(counted()),
                    suspects,
                    cursor.rests(),
                    cursor.turns() + 1,
                    cursor.checkpoints());
        }

        private String firstKey() {
            if (cursor.firstKey() != null || (objects.isEmpty() && records.isEmpty())) {
                return cursor.firstKey();
            }
            if (objects.isEmpty() || records.isEmpty()) {
                return objects.isEmpty()
                        ? records.get(0).storageKey()
                        : objects.get(0).key();
            }
            String object = objects.get(0).key();
            String row = records.get(0).storageKey();
            return KeyOrder.UTF_8.compare(object, row) <= 0 ? object : row;
        }

        private void noteTime(AssetRecord row) {
            if (row.implausible()) {
                implausibleRecords++;
            }
            secondsAhead = Math.max(secondsAhead, row.secondsAhead());
        }

        private void judge(StoredObject object) {
            boolean plausible = plausibleTimes.is(object.lastModified());
            if (!plausible) {
                implausibleObjects++;
            }
            if (object.key().equals(matchedKey)) {
                matched++;
            } else if (object.isDirectoryMarker()) {
                directoryMarkers++;
            } else if (plausible && gracePeriod.covers(object.lastModified(), storageTime)) {
                tooRecentObjects++;
            } else {
                suspectedFiles++;
                suspect(Finding.orphanedFile(object));
            }
        }

        private void judge(AssetRecord row) {
            Instant recordsTime = storageTime == null ? null : storageTime.minus(cursor.databaseLag());
            if (gracePeriod.covers(row.changedAt(), recordsTime)) {
                tooRecentRecords++;
            } else {
                suspectedRecords++;
                suspect(Finding.orphanedRecord(row));
            }
        }

        private void suspect(Finding finding) {
            suspects.add(new Suspect(finding, cursor.tally().objects() + nextObject));
        }

        private Tally counted() {
            return new Tally(
                    nextObject,
                    nextRecord,
                    matched,
                    matchedRecords,
                    suspectedFiles,
                    suspectedRecords,
                    tooRecentObjects,
                    tooRecentRecords,
                    directoryMarkers,
                    implausibleObjects,
                    implausibleRecords,
                    secondsAhead);
        }

        private List<StoredObject> upToEndOfRange(StoragePage page) {
            String previous = page.from().after();
            for (StoredObject object : page.objects()) {
                if (KeyOrder.UTF_8.compare(previous, object.key()) >= 0) {
                    throw new ListingOrderException(previous, object.key());
                }
                previous = object.key();
                if (!object.key().startsWith(cursor.prefix())) {
                    throw new PageException("The listing returned the key \"" + object.key()
                            + "\", which does not begin with the prefix \"" + cursor.prefix() + "\"");
                }
            }
            // they are in order now
            int inRange = page.objects().size();
            while (inRange > 0 && isBehindRange(page.objects().get(inRange - 1).key())) {
                inRange--;
            }
            return page.objects().subList(0, inRange);
        }

        private List<AssetRecord> inOrder(RecordsPage page) {
            String previousKey = page.from().storageKey();
            String previousId = page.from().recordId();
            // behind every record of the range's own lower end
            boolean keyIsSpent = previousId == null;
            boolean first = true;
            for (AssetRecord row : page.records()) {
                int order = KeyOrder.UTF_8.compare(previousKey, row.storageKey());
                boolean ascends = order < 0;
                if (order == 0 && !keyIsSpent) {
                    int idOrder = KeyOrder.UTF_8.compare(previousId, row.recordId());
                    // equal pairs come in one page, never split between two
                    ascends = first ? idOrder < 0 : idOrder <= 0;
                }
                if (!ascends) {
                    throw new PageException(
                            PageException.outOfOrder("The records query", previousKey, row.storageKey()));
                }
                if (!row.storageKey().startsWith(cursor.prefix())) {
                    throw outside(row);
                }
                previousKey = row.storageKey();
                previousId = row.recordId();
                keyIsSpent = false;
                first = false;
            }
            if (!page.records().isEmpty() && isBehindRange(previousKey)) {
                throw outside(last(page.records()));
            }
            return page.records();
        }

        private static PageException outside(AssetRecord row) {
            return new PageException("The records query returned the storage key \"" + row.storageKey()
                    + "\", which is outside of what it was asked for");
        }

        private boolean isBehindRange(String key) {
            return KeyOrder.UTF_8.compare(key, cursor.range().upTo()) > 0;
        }

        private void refuseUnless(boolean condition, String problem) {
            if (!condition) {
                throw new PageException("Range " + cursor.range().number() + ": " + problem);
            }
        }
    }

    private static RecordsMarker markerOf(AssetRecord row) {
        return new RecordsMarker(row.storageKey(), row.recordId());
    }

    private static <T> T last(List<T> list) {
        return list.get(list.size() - 1);
    }
}
