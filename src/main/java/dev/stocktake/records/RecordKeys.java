package dev.stocktake.records;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.postgresql.copy.CopyOut;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;

/** The storage keys of all records, as they are now. */
public final class RecordKeys {
    private final JdbcTemplate records;

    public RecordKeys(DataSource records) {
        this.records = new JdbcTemplate(records);
    }

    /**
     * Reads them in one pass, holding no more than one.
     *
     * @param out a {@code COPY (…) TO STDOUT} for the records database, of one column in text format, never NULL
     * @param prefix what {@code current_setting('stocktake.prefix')} is in there
     * @param isStopped whether to go no further
     * @throws org.springframework.dao.DataAccessException when the records database fails
     */
    public void read(String out, String prefix, Consumer<String> each, BooleanSupplier isStopped) {
        records.execute((ConnectionCallback<Void>) connection -> {
            read(connection, out, prefix, each, isStopped);
            return null;
        });
    }

    private static void read(
            Connection connection, String out, String prefix, Consumer<String> each, BooleanSupplier isStopped)
            throws SQLException {
        RecordsCopy.begin(connection, prefix);
        CopyOut from = null;
        try {
            from = RecordsCopy.copyOut(connection, out);
            // a message holds exactly one row
            for (byte[] row = RecordsCopy.next(from);
                    row != null && !isStopped.getAsBoolean();
                    row = RecordsCopy.next(from)) {
                each.accept(key(row));
            }
        } finally {
            RecordsCopy.end(from, connection);
        }
    }

    /** Without the line feed at its end, and what COPY writes with a backslash as it was. */
    static String key(byte[] row) {
        String line = new String(row, 0, row.length - 1, UTF_8);
        int escape = line.indexOf('\\');
        if (escape < 0) {
            return line;
        }
        StringBuilder key = new StringBuilder(line.length()).append(line, 0, escape);
        for (int at = escape; at < line.length(); at++) {
            char character = line.charAt(at);
            if (character == '\\') {
                at++;
                character = line.charAt(at);
                int control = "bfnrtv".indexOf(character);
                character = control < 0 ? character : "\b\f\n\r\t\013".charAt(control);
            }
            key.append(character);
        }
        return key.toString();
    }
}
