package dev.stocktake.failure;

import dev.stocktake.text.Visible;
import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Tells PostgreSQL's refusal to hide rows from its other refusals, which have the same SQL state. */
final class RowSecurity {
    /** The function that refuses; the message itself is in the server's language. */
    private static final String REFUSES = "check_enable_rls";

    private static final Pattern QUOTED = Pattern.compile("[\"“„«»] ?([^\"“”„«»]+?) ?[\"”“»«]");

    private RowSecurity() {}

    static boolean refused(SQLException refusal) {
        return refusal instanceof PSQLException server
                && server.getServerErrorMessage() != null
                && REFUSES.equals(server.getServerErrorMessage().getRoutine());
    }

    /** Without the full stop. */
    static String explain(SQLException refusal, String role) {
        ServerErrorMessage said = ((PSQLException) refusal).getServerErrorMessage();
        Matcher table = QUOTED.matcher(String.valueOf(said == null ? null : said.getMessage()));
        return "Row-level security" + (table.find() ? " of the table " + Visible.text(table.group(1)) : "")
                + " would hide rows from the role " + Visible.text(role)
                + ", and files whose records are hidden would look orphaned";
    }
}
