package dev.stocktake.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * A line of the table.
 *
 * @param notes how it was measured and where the time goes, one sentence each
 * @param samples what the measured text was made of
 */
record Row(String figure, String target, String measured, Outcome outcome, List<String> notes, List<Sample> samples) {
    enum Outcome {
        @JsonProperty("met")
        MET,
        @JsonProperty("missed")
        MISSED,
        @JsonProperty("not measured")
        NOT_MEASURED,
        /** No target. */
        @JsonProperty("")
        NONE;

        static Outcome of(boolean met) {
            return met ? MET : MISSED;
        }

        @Override
        public String toString() {
            return switch (this) {
                case MET -> "met";
                case MISSED -> "**missed**";
                case NOT_MEASURED -> "not measured";
                case NONE -> "";
            };
        }
    }

    /** One kind of thing that was measured several times. */
    record Sample(String name, String unit, List<Double> values) {
        static Sample of(String name, String unit, Samples samples) {
            return new Sample(name, unit, samples.values());
        }
    }

    static Row notMeasured(String figure, String target, String reason) {
        return new Row(figure, target, reason, Outcome.NOT_MEASURED, List.of(), List.of());
    }
}
