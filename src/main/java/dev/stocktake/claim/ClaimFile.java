package dev.stocktake.claim;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import dev.stocktake.json.Json;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * All claims on one bucket, as they stand in its object: in one, so that two that overlap cannot be made side by side.
 *
 * @param stocktake says what this is
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record ClaimFile(String stocktake, List<Claim> claims) {
    private static final String KIND = "claim";

    private static final ObjectReader READER =
            Json.MAPPER.readerFor(ClaimFile.class).with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    static final ClaimFile NONE = new ClaimFile(KIND, List.of());

    ClaimFile {
        claims = claims == null || claims.stream().anyMatch(Objects::isNull) ? null : List.copyOf(claims);
    }

    /** Empty where it is not what Stocktake writes. */
    static Optional<ClaimFile> parse(String json) {
        try {
            ClaimFile file = READER.readValue(json);
            boolean whole = file != null
                    && KIND.equals(file.stocktake)
                    && file.claims != null
                    && file.claims.stream().allMatch(Claim::isWhole);
            return whole ? Optional.of(file) : Optional.empty();
        } catch (JsonProcessingException | IllegalArgumentException somethingElse) {
            return Optional.empty();
        }
    }

    String json() {
        return Json.write(this);
    }

    /** Those that some key with the prefix may belong to. */
    List<Claim> overlapping(String prefix) {
        return claims.stream().filter(claim -> claim.overlaps(prefix)).toList();
    }

    /** With another one instead of these; null for none. */
    ClaimFile with(Claim added, List<Claim> insteadOf) {
        return new ClaimFile(
                KIND,
                Stream.concat(claims.stream().filter(claim -> !insteadOf.contains(claim)), Stream.ofNullable(added))
                        .toList());
    }
}
