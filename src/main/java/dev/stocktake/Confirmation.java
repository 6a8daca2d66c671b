package dev.stocktake;

import java.io.Console;
import java.util.Optional;
import org.jline.nativ.CLibrary;

/** Asks the person at the terminal, in a way that no habit answers. */
final class Confirmation {
    private static final int STANDARD_INPUT = 0;
    private static final int STANDARD_OUTPUT = 1;

    private final Console terminal;

    private Confirmation(Console terminal) {
        this.terminal = terminal;
    }

    /** By the person at the terminal; empty where nobody is there to ask. */
    static Optional<Confirmation> atTerminal() {
        // newer JVMs have a console without a terminal, too
        return isTerminal() ? Optional.ofNullable(System.console()).map(Confirmation::new) : Optional.empty();
    }

    private static boolean isTerminal() {
        try {
            return CLibrary.isatty(STANDARD_INPUT) == 1 && CLibrary.isatty(STANDARD_OUTPUT) == 1;
        } catch (LinkageError unknownSystem) {
            return false;
        }
    }

    /** Says something before it asks. */
    void tell(String what) {
        terminal.printf("%n%s%n", what);
    }

    /** Whether they typed the bucket that it is about. */
    boolean isGiven(String bucket) {
        return bucket.equals(terminal.readLine("%nTo go on, type the name of the bucket: "));
    }

    /** Whether they typed what it is about. */
    boolean isGiven(String bucket, long items) {
        return isGiven(bucket) && Long.toString(items).equals(terminal.readLine("and how many it is about: "));
    }
}
