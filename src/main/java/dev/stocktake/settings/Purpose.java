package dev.stocktake.settings;

/** What the settings are read for; it decides which of them are required. */
public enum Purpose {
    /** The service with its HTTP API: {@code CRON_SECRET} is required. */
    SERVE,
    /** One run from the command line, without HTTP: {@code CRON_SECRET} is neither required nor checked. */
    CLEANUP_ASSETS
}
