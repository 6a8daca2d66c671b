package dev.stocktake.near;

import dev.stocktake.text.Visible;
import java.util.List;

/**
 * A key, and the one of the other side that is probably the same asset.
 *
 * @param by the steps by which the two agree, one after another; empty where they are equal
 */
public record Near(String key, String partner, List<Step> by) {
    public Near {
        by = List.copyOf(by);
    }

    /** The smaller, the likelier. */
    int rank() {
        return Step.rank(by);
    }

    /** Why nothing is done about the file of this key: which record is its partner. */
    public String reason() {
        String record = "the record \"" + Visible.text(partner) + "\" ";
        return by.isEmpty() ? record + "names it" : record + "probably names it (" + Step.spoken(Step.labels(by)) + ")";
    }
}
