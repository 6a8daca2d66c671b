package dev.stocktake.compare;

import java.time.Instant;
import java.util.List;

/**
 * One answer of the store to a list request.
 *
 * @param from where it was asked to go on from
 * @param objects in key order; possibly none, although more follow
 * @param next where the listing goes on; null when this page is the last of the listing
 * @param answeredAt the store's clock when it answered; null when it did not say
 */
public record StoragePage(StorageMarker from, List<StoredObject> objects, StorageMarker next, Instant answeredAt) {}
