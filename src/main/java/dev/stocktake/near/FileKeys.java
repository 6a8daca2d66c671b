package dev.stocktake.near;

import java.util.function.BooleanSupplier;

/**
 * The storage keys of files that are about to go.
 *
 * @param keys read more than once, so that they need not be held; of one file each
 * @param isStopped whether nobody wants to know about them any more
 */
public record FileKeys(Iterable<String> keys, String bucket, BooleanSupplier isStopped) {}
