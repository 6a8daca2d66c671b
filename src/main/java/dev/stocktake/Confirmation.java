package dev.stocktake;

import java.io.Console;
import java.util.Optional;

/** Asks the person at the terminal, in a way that no habit answers. */
final class Confirmation {
    private final Console terminal;

    private Confirmation(Console terminal) {
        this.terminal = terminal;
    }

    /** By the person at the terminal; empty where nobody is there to ask. */
    static Optional<Confirmation> atTerminal() {
        return Optional.ofNullable(System.console()).map(Confirmation::new);
    }

    /** Whether they typed what it is about. */
    boolean isGiven(String bucket, long files) {
        return bucket.equals(terminal.readLine("%nTo go on, type the name of the bucket: "))
                && Long.toString(files).equals(terminal.readLine("and the number of files: "));
    }
}
