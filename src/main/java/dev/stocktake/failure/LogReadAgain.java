package dev.stocktake.failure;

import java.util.List;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.processor.errorhandler.RedeliveryPolicy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says in the log that a page is read or a statement made again, and why, and counts it. */
public final class LogReadAgain implements Processor {
    private static final Logger LOG = LoggerFactory.getLogger(LogReadAgain.class);

    private final Explanation explanation;
    private final Retries retries;

    public LogReadAgain(Explanation explanation, Retries retries) {
        this.explanation = explanation;
        this.retries = retries;
    }

    @Override
    public void process(Exchange failed) {
        Exception failure = failed.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        retries.count(failure);
        int most = failed.getIn().getHeader(Exchange.REDELIVERY_MAX_COUNTER, 0, Integer.class);
        LOG.warn(
                "Trying again ({} of {}{}): {}",
                failed.getIn().getHeader(Exchange.REDELIVERY_COUNTER),
                most,
                waits(failed, most)
                        .map(waits -> ", waiting about " + waits + " s in all")
                        .orElse(""),
                explanation.of(failure));
    }

    /** By the policy of the route files that tries that often; empty where several do, or none. */
    private static Optional<Long> waits(Exchange failed, int most) {
        List<RedeliveryPolicy> policies = failed.getContext().getRegistry().findByType(RedeliveryPolicy.class).stream()
                .filter(policy -> policy.getMaximumRedeliveries() == most)
                .toList();
        return policies.size() == 1 ? Optional.of(waits(policies.get(0))) : Optional.empty();
    }

    private static long waits(RedeliveryPolicy policy) {
        double wait = (double) policy.getRedeliveryDelay();
        double millis = 0;
        for (int i = 0; i < policy.getMaximumRedeliveries(); i++) {
            millis += Math.min(wait, (double) policy.getMaximumRedeliveryDelay());
            wait *= policy.isUseExponentialBackOff() ? policy.getBackOffMultiplier() : 1;
        }
        return Math.round(millis / 1000);
    }
}
