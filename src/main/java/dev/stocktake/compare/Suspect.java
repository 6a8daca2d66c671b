package dev.stocktake.compare;

/**
 * A difference seen once. The two sides were read at different moments, so that it is verified before it is a finding.
 *
 * @param place how many objects of its range were compared before it
 */
public record Suspect(Finding finding, long place) {}
