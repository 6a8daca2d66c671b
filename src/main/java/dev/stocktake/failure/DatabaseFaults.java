package dev.stocktake.failure;

import java.security.cert.CertificateException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.List;

/**
 * Tells faults of a database that may pass from those that stay, by the SQL state. Waiting in vain for a connection of the
 * pool passes, unless the server had refused one for good; a certificate that cannot be trusted stays.
 */
public final class DatabaseFaults {
    private List<String> states = List.of();

    /** SQL states or their beginnings, separated by commas: {@code 08} is all of that class. */
    public void setStates(String states) {
        this.states = CommaSeparated.list(states);
        this.states.stream().filter(state -> !state.matches("[0-9A-Z]{2,5}")).forEach(state -> {
            throw new IllegalArgumentException(
                    "states must be SQL states or their first characters, at least two, was: \"" + state + "\"");
        });
    }

    /** Whether it is worth asking again. */
    public boolean has(Throwable failure) {
        for (Throwable cause = Causes.original(failure); cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException said) {
                String state = Causes.innermostWithState(said).getSQLState();
                return !Causes.any(said, CertificateException.class)
                        && (state == null
                                ? said instanceof SQLTransientConnectionException
                                : states.stream().anyMatch(state::startsWith));
            }
        }
        return false;
    }
}
