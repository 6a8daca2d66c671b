package dev.stocktake.run;

import dev.stocktake.failure.Retries;
import dev.stocktake.storage.SentRequests;
import java.math.BigDecimal;

/**
 * Tells what this process has asked for since it started, and so what a run has: one run at a time is performed, so that
 * the difference between its end and its beginning is its own.
 */
public final class Meter {
    private final SentRequests sent;
    private final Retries retries;
    private final BigDecimal listPricePer1000;
    private final BigDecimal headPricePer1000;

    public Meter(SentRequests sent, Retries retries, BigDecimal listPricePer1000, BigDecimal headPricePer1000) {
        this.sent = sent;
        this.retries = retries;
        this.listPricePer1000 = listPricePer1000;
        this.headPricePer1000 = headPricePer1000;
    }

    /** All so far. */
    public Usage read() {
        long lists = sent.lists();
        long heads = sent.heads();
        return new Usage(
                lists,
                heads,
                retries.ofStore(),
                retries.ofDatabases(),
                cost(lists, listPricePer1000).add(cost(heads, headPricePer1000)));
    }

    /**
     * The run with what it has asked for until now, added to what was stored when it was interrupted.
     *
     * @param before as it was read when this process took the run up
     */
    public Run charge(Run run, Usage before) {
        Usage since = read().minus(before);
        return run.withUsage(run.usage() == null ? since : run.usage().plus(since));
    }

    private static BigDecimal cost(long requests, BigDecimal pricePer1000) {
        return pricePer1000.multiply(BigDecimal.valueOf(requests)).movePointLeft(3);
    }
}
