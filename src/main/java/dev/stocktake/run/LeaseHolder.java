package dev.stocktake.run;

import java.util.UUID;

/** A run or a cleanup under way, which is alone at its bucket and prefix as long as it holds the lease. */
public interface LeaseHolder {
    /** What tells it from every other that holds the lease before or after it. */
    UUID holder();

    /** For the log: what it is. */
    String called();

    /** Another process may be at work at the same bucket by now. */
    void leaseLost(String why);

    /** Somebody stops Stocktake. */
    void shutDown();
}
