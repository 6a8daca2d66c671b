package dev.stocktake.database;

import dev.stocktake.settings.DatabaseUrl;
import dev.stocktake.settings.SettingsException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Refuses a {@code PARALLELISM} for which the database servers do not have the connections. */
public final class ConnectionLimits {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionLimits.class);
    private static final int LONGEST_SECONDS = 5;
    private static final int NONE = -1;

    // what is reserved is not for Stocktake, even where it logs in as who may take it; no other limit holds for
    // superusers
    private static final String LIMITS = """
            SELECT pg_backend_pid(), pg_postmaster_start_time()::text, current_database(), session_user,
              current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer
                - coalesce(current_setting('reserved_connections', true)::integer, 0),
              CASE WHEN rolsuper THEN -1 ELSE rolconnlimit END,
              CASE WHEN rolsuper THEN -1 ELSE
                (SELECT datconnlimit FROM pg_catalog.pg_database WHERE datname = current_database()) END
            FROM pg_catalog.pg_roles WHERE rolname = session_user""";

    private ConnectionLimits() {}

    /**
     * One of the two databases, and what is opened to it at the most.
     *
     * @param setting the name of the setting that says where it is
     * @param perRange connections for each range that is compared side by side with others
     * @param besides connections that do not depend on how many these are
     */
    public record Demand(String setting, DatabaseUrl url, DataSource pool, int perRange, int besides) {}

    /**
     * Compares what is needed with what the servers say that they allow; both databases together where one server, role or
     * database serves both. A server that does not say it, or that is behind a pooler, is not asked for more.
     *
     * @throws SettingsException with the highest number that would fit
     */
    public static void refuseTooMany(int parallelism, Demand records, Demand results) {
        Optional<Limits> ofResults = limits(results);
        Optional<Limits> ofRecords = records.url().equals(results.url()) ? ofResults : limits(records);
        List<Bound> bounds = new ArrayList<>();
        ofRecords.ifPresent(limits -> bounds.addAll(limits.bounds(records)));
        ofResults.ifPresent(limits -> bounds.addAll(limits.bounds(results)));
        if (ofRecords.isPresent() && ofResults.isPresent()) {
            bounds.addAll(ofRecords.get().shared(ofResults.get(), records, results));
        }
        bounds.stream()
                .min((one, other) -> Integer.compare(one.most(), other.most()))
                .filter(tightest -> tightest.most() < parallelism)
                .ifPresent(tightest -> {
                    throw new SettingsException(List.of(tightest.refusal(parallelism)));
                });
    }

    private static Optional<Limits> limits(Demand demand) {
        try (Connection connection = demand.pool().getConnection();
                Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(LONGEST_SECONDS);
            try (ResultSet row = statement.executeQuery(LIMITS)) {
                // a pooler gives numbers of its own, and has more connections to give than the server behind it
                return row.next()
                                && row.getInt(1)
                                        == connection.unwrap(PGConnection.class).getBackendPID()
                        ? Optional.of(new Limits(
                                row.getString(2),
                                row.getString(3),
                                row.getString(4),
                                row.getInt(5),
                                row.getInt(6),
                                row.getInt(7)))
                        : Optional.empty();
            }
        } catch (SQLException unknown) {
            LOG.debug("{} does not tell how many connections it allows: {}", demand.setting(), unknown.getMessage());
            return Optional.empty();
        }
    }

    /**
     * What one login may open.
     *
     * @param server since when it runs, by which two URLs can be seen to lead to the same
     * @param ofRole -1 for no limit, and so for the database
     */
    private record Limits(String server, String database, String role, int ofServer, int ofRole, int ofDatabase) {
        List<Bound> bounds(Demand demand) {
            return bounds(true, true, demand, demand.perRange(), demand.besides());
        }

        List<Bound> shared(Limits other, Demand one, Demand another) {
            return !server.equals(other.server)
                    ? List.of()
                    : bounds(
                            role.equals(other.role),
                            database.equals(other.database),
                            one,
                            one.perRange() + another.perRange(),
                            one.besides() + another.besides());
        }

        private List<Bound> bounds(boolean sameRole, boolean sameDatabase, Demand demand, int perRange, int besides) {
            List<Bound> bounds = new ArrayList<>();
            String where = demand.url().display();
            bounds.add(new Bound(demand.setting(), "the server of " + where, ofServer, perRange, besides));
            if (sameRole && ofRole != NONE) {
                bounds.add(new Bound(demand.setting(), "the role " + role + " of " + where, ofRole, perRange, besides));
            }
            if (sameDatabase && ofDatabase != NONE) {
                bounds.add(new Bound(demand.setting(), "the database " + where, ofDatabase, perRange, besides));
            }
            return bounds;
        }
    }

    private record Bound(String setting, String what, int allowed, int perRange, int besides) {
        int most() {
            return Math.floorDiv(allowed - besides, perRange);
        }

        String refusal(int parallelism) {
            String reason = "because " + what + " allows " + allowed + " connections and each range may take "
                    + perRange + ", beside " + besides + " for all";
            return most() < 1
                    ? setting + " must be where at least " + (perRange + besides) + " connections are allowed, "
                            + reason
                    : "PARALLELISM must be at most " + most() + " here, " + reason + ", was: " + parallelism;
        }
    }
}
