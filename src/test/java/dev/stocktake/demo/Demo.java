package dev.stocktake.demo;

import dev.stocktake.Application;
import dev.stocktake.Routes;
import dev.stocktake.embedded.EmbeddedDatabase;
import dev.stocktake.embedded.EmbeddedStore;
import dev.stocktake.run.Trigger;
import dev.stocktake.settings.Purpose;
import dev.stocktake.settings.Settings;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * Stocktake at work on a PostgreSQL and an S3 server of its own, which it starts and fills: one dry run, or with the
 * argument {@code serve} the service, until stopped. With {@code awkward-keys} the example has those, too.
 */
public final class Demo {
    private static final List<String> ARGUMENTS = List.of("serve", "awkward-keys");
    private static final String SECRET = "only-for-this-demonstration";

    private Demo() {}

    public static void main(String[] args) throws Exception {
        List<String> arguments = List.of(args);
        if (!ARGUMENTS.containsAll(arguments)) {
            System.err.println("The demo takes the arguments " + ARGUMENTS + ", was: " + arguments);
            System.exit(2);
        }
        boolean serving = arguments.contains("serve");
        try (EmbeddedDatabase server = EmbeddedDatabase.start();
                EmbeddedStore store = EmbeddedStore.start()) {
            EmbeddedDatabase.Database database = server.create();
            Example.fill(database, store, arguments.contains("awkward-keys"));
            Map<String, String> environment = new HashMap<>(settings(database, store));
            Settings settings = Settings.from(environment, serving ? Purpose.SERVE : Purpose.CLEANUP_ASSETS);
            Routes routes = Routes.in(Path.of(""), Map.of());
            try (Application application = Application.start(settings, routes, serving, false, Clock.systemUTC())) {
                if (serving) {
                    explain(application.address());
                    new CountDownLatch(1).await();
                } else {
                    System.out.print(application
                            .reports()
                            .text(application.run(Trigger.CLI).run()));
                }
            }
        }
    }

    private static Map<String, String> settings(EmbeddedDatabase.Database database, EmbeddedStore store) {
        return Map.of(
                "DATABASE_URL", database.url(),
                "S3_ENDPOINT", store.endpoint().toString(),
                "S3_BUCKET", Example.BUCKET,
                "S3_ACCESS_KEY_ID", store.accessKey(),
                "S3_SECRET_ACCESS_KEY", store.secretKey(),
                "CRON_SECRET", SECRET);
    }

    private static void explain(String address) {
        System.out.printf("""
                Stocktake is up. Try:
                  curl -H 'Authorization: Bearer %1$s' -H 'Accept: text/plain' %2$s/api/cron/maintenance
                  curl -H 'Authorization: Bearer %1$s' %2$s/api/runs
                Ctrl-C ends it.
                """, SECRET, address);
        System.out.flush();
    }
}
