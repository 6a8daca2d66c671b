package dev.stocktake.run;

import java.math.BigDecimal;

/**
 * What a run asked for, and what that costs.
 *
 * @param listRequests sent to the store, answered or not
 * @param headRequests sent to the store to ask for one object; with any others that list nothing
 * @param storeRetries how often the store was asked again because a fault might pass
 * @param databaseRetries how often either database was
 * @param cost of the requests by list price, in the currency of the prices
 */
public record Usage(long listRequests, long headRequests, long storeRetries, long databaseRetries, BigDecimal cost) {
    Usage plus(Usage other) {
        return new Usage(
                listRequests + other.listRequests,
                headRequests + other.headRequests,
                storeRetries + other.storeRetries,
                databaseRetries + other.databaseRetries,
                cost.add(other.cost));
    }

    Usage minus(Usage other) {
        return new Usage(
                listRequests - other.listRequests,
                headRequests - other.headRequests,
                storeRetries - other.storeRetries,
                databaseRetries - other.databaseRetries,
                cost.subtract(other.cost));
    }
}
