package dev.stocktake.run;

/** Bound by an added route file, it lets a test renew the leases of a started Stocktake without waiting for the clock. */
public final class LeaseProbe {
    /** The route file that binds it. */
    static final String ROUTES = """
            - beans:
                - name: leaseProbe
                  type: dev.stocktake.run.LeaseProbe
                  properties:
                    leases: "#bean:leases"
            """;

    private static volatile Leases latest;

    /** Called by Camel. */
    public void setLeases(Leases leases) {
        latest = leases;
    }

    /** Renews the leases of the Stocktake that started last with {@link #ROUTES}. */
    static void renewAll() {
        latest.renewAll();
    }
}
