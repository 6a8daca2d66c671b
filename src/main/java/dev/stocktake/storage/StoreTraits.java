package dev.stocktake.storage;

/** Stub. */
public record StoreTraits(boolean startAfter) {
    public static StoreTraits plain() {
        return new StoreTraits(true);
    }
}
