package dev.stocktake.compare;

/**
 * A slice of the key space.
 *
 * @param number its place among the ranges of its run, from 0
 * @param after exclusive; empty for the start of the key space
 * @param upTo inclusive
 */
public record Range(int number, String after, String upTo) {}
