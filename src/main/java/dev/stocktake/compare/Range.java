package dev.stocktake.compare;

/**
 * A slice of the key space.
 *
 * @param number what it is known by in its run; from 0, in no order
 * @param after exclusive; empty for the start of the key space
 * @param upTo inclusive
 */
public record Range(int number, String after, String upTo) {}
