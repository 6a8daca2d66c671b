package dev.stocktake;

import dev.stocktake.settings.Purpose;
import dev.stocktake.settings.SettingsException;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** The service: schedule and HTTP, until stopped. */
@Command(
        name = "serve",
        description = "Runs as a service: a dry run whenever CRON_MAINTENANCE_SCHEDULE says so, and the HTTP API on"
                + " HOST:PORT, until stopped.",
        mixinStandardHelpOptions = true,
        footerHeading = "%n",
        footer = {
            "After each run, the findings of runs that ended longer ago than KEEP_FINDINGS (90d; forever keeps them all) are"
                    + " forgotten, but for the newest and those whose files wait in quarantine; runs and actions stay.",
            "",
            "Needs DATABASE_URL, S3_BUCKET and CRON_SECRET (at least 16 characters).",
            "",
            "Example:",
            "  CRON_SECRET=\"$(openssl rand -hex 24)\" java -jar target/stocktake.jar serve",
            "",
            "Exit status:",
            "  0  stopped by a signal",
            "  2  wrong usage or configuration",
            "  3  a database could not be reached or prepared"
        })
final class ServeCommand implements Callable<Integer> {
    @ParentCommand
    private Stocktake stocktake;

    private static final Logger LOG = LoggerFactory.getLogger(ServeCommand.class);

    @Override
    public Integer call() throws InterruptedException {
        Application application;
        try {
            application = stocktake.launch(Map.of()).start(Purpose.SERVE, false, Application.COMPARED);
        } catch (StartException | SettingsException failure) {
            return Launch.refuse(System.err, failure);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(application::close, "stop"));
        LOG.info("Listening on {}", application.address());
        new CountDownLatch(1).await();
        return ExitStatus.CONSISTENT;
    }
}
