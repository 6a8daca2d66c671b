package dev.stocktake.claim;

import dev.stocktake.claim.ClaimLog.Event;
import dev.stocktake.claim.Standing.Kind;
import dev.stocktake.progress.Moment;
import dev.stocktake.run.Run;
import dev.stocktake.storage.ClaimObject;
import dev.stocktake.storage.ClaimObject.Content;
import dev.stocktake.text.Sha256;
import dev.stocktake.text.Visible;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Whose files a bucket's are. The one records database by which files are cleaned up claims them, in an object of the bucket
 * itself, where every other one finds it: a copy of that database would take the files for orphans that came since.
 */
public final class Claims {
    private static final Set<Integer> FORBIDDEN = Set.of(401, 403);

    /** What is wrong with the credentials rather than with their rights, so that nothing can be asked with them. */
    private static final Set<String> NOT_OF_RIGHTS = Set.of(
            "ExpiredToken",
            "ExpiredTokenException",
            "InvalidToken",
            "TokenRefreshRequired",
            "InvalidAccessKeyId",
            "SignatureDoesNotMatch",
            "RequestTimeTooSkewed");

    private static final Set<Integer> PASSING = Set.of(408, 429, 500, 502, 503, 504);

    /** Another process of the same database may renew the claim at the same moment. */
    private static final int ATTEMPTS = 3;

    private static final String NOT_READ = "Whether another database has claimed this bucket cannot be seen: grant"
            + " s3:GetObject on " + ClaimObject.KEY;

    private static final String QUICKER =
            "The claim of the bucket was changed by another process at the same moment; look again: claim show.";

    private final ClaimObject object;
    private final ClaimLog log;
    private final Claimant claimant;
    private final String bucket;
    private final String prefix;
    private final Clock clock;

    /** The claims on one bucket, as they stand to the records database of the settings and its prefix. */
    public Claims(ClaimObject object, ClaimLog log, Claimant claimant, String bucket, String prefix, Clock clock) {
        this.object = object;
        this.log = log;
        this.claimant = claimant;
        this.bucket = bucket;
        this.prefix = prefix;
        this.clock = clock;
    }

    /**
     * How the claims stand now.
     *
     * @throws S3Exception where the store may answer when it is asked again
     */
    public Standing standing() {
        Optional<Content> content;
        try {
            content = read();
        } catch (S3Exception refusal) {
            if (PASSING.contains(refusal.statusCode()) || isOfCredentials(refusal)) {
                throw refusal;
            }
            return FORBIDDEN.contains(refusal.statusCode())
                    ? new Standing(Kind.FORBIDDEN, Optional.empty(), ClaimFile.NONE, List.of(), NOT_READ)
                    : new Standing(
                            Kind.UNREADABLE,
                            Optional.empty(),
                            ClaimFile.NONE,
                            List.of(),
                            "Whether another database has claimed this bucket cannot be seen: asked for "
                                    + ClaimObject.KEY + ", the store answered " + refusal.statusCode());
        }
        if (content.isEmpty()) {
            return new Standing(Kind.NONE, content, ClaimFile.NONE, List.of(), null);
        }
        return ClaimFile.parse(content.get().text())
                .map(file -> standing(content, file))
                .orElseGet(() -> new Standing(
                        Kind.MALFORMED,
                        content,
                        ClaimFile.NONE,
                        List.of(),
                        "What stands in " + ClaimObject.KEY
                                + " is not what Stocktake writes there, so that nobody knows which database has claimed"
                                + " this bucket"));
    }

    private static boolean isOfCredentials(S3Exception refusal) {
        return refusal.awsErrorDetails() != null
                && NOT_OF_RIGHTS.contains(
                        String.valueOf(refusal.awsErrorDetails().errorCode()));
    }

    /** What cannot be understood is read again: an answer may be anything once, and what stands there is the same twice. */
    private Optional<Content> read() {
        Optional<Content> content = object.read();
        for (int attempt = 1;
                attempt < ATTEMPTS && content.filter(Claims::isNoClaim).isPresent();
                attempt++) {
            Optional<Content> again = object.read();
            if (again.equals(content)) {
                return again;
            }
            content = again;
        }
        return content;
    }

    private static boolean isNoClaim(Content content) {
        return ClaimFile.parse(content.text()).isEmpty();
    }

    private Standing standing(Optional<Content> content, ClaimFile file) {
        List<Claim> claims = file.overlapping(prefix);
        if (claims.isEmpty()) {
            return new Standing(Kind.NONE, content, file, claims, null);
        }
        ClaimedDatabase here = claimant.ask();
        UUID results = log.resultsId();
        List<Claim> others = new ArrayList<>();
        List<String> reasons = new ArrayList<>();
        for (Claim claim : claims) {
            whyNotOurs(claim, here, results).ifPresent(reason -> {
                others.add(claim);
                reasons.add(reason);
            });
        }
        if (!others.isEmpty()) {
            return new Standing(Kind.OTHERS, content, file, others, String.join(". ", reasons));
        }
        boolean isCovered = claims.stream().anyMatch(claim -> claim.covers(prefix));
        return new Standing(isCovered ? Kind.OURS : Kind.NONE, content, file, claims, null);
    }

    private Optional<String> whyNotOurs(Claim claim, ClaimedDatabase here, UUID results) {
        List<String> differences = new ArrayList<>(here.differencesTo(claim.database()));
        if (!claim.results().equals(results)) {
            differences.add("its results are kept in another database");
        }
        if (!claim.bucket().equals(bucket)) {
            differences.add("the claim was made on the bucket \"" + Claim.shown(claim.bucket())
                    + "\", and was copied here, or this is another name of it");
        }
        if (differences.isEmpty() && !log.knows(claim.renewal())) {
            differences.add(
                    "its results do not know of the last cleanup there, so that it is an older copy, or was set back"
                            + " to an earlier time");
        }
        if (!differences.isEmpty()) {
            return Optional.of("Another database has claimed this bucket: " + claim.display() + ". This one, "
                    + here.display() + ", is not it, because " + String.join("; ", differences)
                    + "; what looks orphaned here may be live there");
        }
        return here.isElsewhere(claim.database())
                ? Optional.of("The database " + claim.display() + " has claimed this bucket, and this one is "
                        + here.display() + ": the same by all else, it is that one after a failover or under another"
                        + " address, or a copy of it, such as of a snapshot, and only you can tell. If it is that one,"
                        + " and nothing runs at the other address: claim take-over. If it is a copy: leave it")
                : Optional.empty();
    }

    /**
     * The run, suspicious where another database may have claimed the bucket.
     *
     * @param run complete
     * @throws S3Exception where the store may answer when it is asked again
     */
    public Run judge(Run run) {
        Standing standing = standing();
        if (standing.isInDoubt()) {
            return suspicious(run, standing.reason());
        }
        if (standing.kind() == Kind.FORBIDDEN && !log.wasRemarked(bucket, prefix, NOT_READ)) {
            return Run.withRemark(run, NOT_READ + ". This is said once.");
        }
        if (standing.kind() == Kind.NONE && log.expects(bucket, prefix)) {
            return Run.withRemark(run, gone() + " The next cleanup takes --claim again.");
        }
        return run;
    }

    /**
     * The run where the store did not answer, however often it was asked.
     *
     * @param reason one sentence without a full stop
     */
    public Run unanswered(Run run, String reason) {
        return suspicious(run, "Whether another database has claimed this bucket cannot be seen. " + reason);
    }

    private static Run suspicious(Run run, String reason) {
        List<String> reasons = new ArrayList<>(run.suspicions());
        reasons.add(reason);
        return Run.withSuspicions(run, reasons);
    }

    private static String gone() {
        return "The claim that this database had made on the bucket is gone from " + ClaimObject.KEY
                + ": somebody deleted it, or a lifecycle rule did.";
    }

    /** What keeps any cleanup of files from being planned; one sentence each, none where nothing does. */
    public static List<String> objections(Standing standing) {
        return standing.kind() == Kind.FORBIDDEN || standing.isInDoubt() ? List.of(refusal(standing)) : List.of();
    }

    /** Why nothing is cleaned up without anybody who claims the bucket; empty where it is claimed. */
    public Optional<String> objectionToAutomatic(Standing standing) {
        return switch (standing.kind()) {
            case OURS -> Optional.empty();
            case NONE ->
                Optional.of(
                        "Nobody has claimed the bucket \"" + bucket + "\" for this database, and that takes a person:"
                                + " execute the first cleanup with --claim " + bucket + ".");
            default -> Optional.of(refusal(standing));
        };
    }

    /** Why files may not be brought back; empty where they may: it is the way out, also where nobody has a claim. */
    public static Optional<String> objectionToRestore(Standing standing) {
        return standing.kind() == Kind.OTHERS ? Optional.of(refusal(standing)) : Optional.empty();
    }

    /**
     * The hold of a cleanup that is about to begin.
     *
     * @param standing as it was right before
     * @param said the bucket's name, by which somebody says that no other database references files there; null where nobody
     *     did
     */
    public Hold prepare(Standing standing, String said) {
        return new Hold(this, refusals(standing, said), said, Moment.now());
    }

    private List<String> refusals(Standing standing, String said) {
        List<String> refusals = new ArrayList<>();
        if (said != null && !said.equals(bucket)) {
            refusals.add(mustName(bucket, said));
        }
        if (standing.kind() == Kind.NONE && said == null) {
            refusals.add(
                    (log.expects(bucket, prefix) ? gone() : "Nobody has claimed the bucket \"" + bucket + "\" yet.")
                            + " Whoever cleans it up first says that no other database may reference files there"
                            + (prefix.isEmpty() ? "" : ", under the prefix \"" + Visible.text(prefix) + "\"")
                            + ", such as one of which this is a copy. If none does: --claim " + bucket
                            + ", or over HTTP \"claim\": \"" + bucket + "\" beside the hash.");
        } else if (standing.kind() == Kind.FORBIDDEN || standing.isInDoubt()) {
            refusals.add(refusal(standing));
        }
        return refusals;
    }

    /** The refusal of a claim that names another bucket. */
    public static String mustName(String bucket, String said) {
        return "The claim must name the bucket, \"" + bucket + "\", was: \"" + Visible.text(said) + "\".";
    }

    private static String refusal(Standing standing) {
        return standing.reason()
                + switch (standing.kind()) {
                    case OTHERS -> ". If no other database may reference files there any more: claim take-over.";
                    case MALFORMED -> ". Find out who wrote it; then: claim take-over.";
                    default -> ".";
                };
    }

    /**
     * Claims the bucket where somebody said its name, and renews the claim where it is this database's.
     *
     * @return why not; empty where it is this database's now
     */
    Optional<String> claimOrRenew(String by, String said) {
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            // somebody may have released it since the cleanup was prepared
            Standing standing = standing();
            List<String> refusals = refusals(standing, said);
            if (!refusals.isEmpty()) {
                return Optional.of(String.join("\n", refusals));
            }
            Optional<String> refusal;
            if (standing.kind() == Kind.NONE) {
                refusal = write(Event.CLAIM, by, standing, newClaim(by), standing.claims());
            } else {
                Claim claim = standing.claims().stream()
                        .filter(each -> each.covers(prefix))
                        .findFirst()
                        .orElseThrow();
                refusal = write(
                        Event.RENEW,
                        by,
                        standing,
                        claim.renewedAs(UUID.randomUUID(), claimant.ask(), now()),
                        List.of(claim));
            }
            if (refusal.isEmpty() || !refusal.get().equals(QUICKER)) {
                return refusal;
            }
        }
        return Optional.of(QUICKER);
    }

    private Claim newClaim(String by) {
        Instant now = now();
        return new Claim(bucket, prefix, claimant.ask(), log.resultsId(), UUID.randomUUID(), now, by, now);
    }

    /** Why it could not be written; empty where it was. */
    private Optional<String> write(Event what, String by, Standing seen, Claim claim, List<Claim> insteadOf) {
        log.add(
                what,
                by,
                bucket,
                claim == null ? prefix : claim.prefix(),
                claim == null ? null : claim.renewal(),
                seen.content().map(Content::text).orElse(null));
        try {
            return object.write(seen.file().with(claim, insteadOf).json(), seen.content())
                    ? Optional.empty()
                    : Optional.of(QUICKER);
        } catch (S3Exception refusal) {
            if (FORBIDDEN.contains(refusal.statusCode())) {
                return Optional.of("The claim of the bucket cannot be written (the store answered "
                        + refusal.statusCode() + "): grant s3:PutObject on " + ClaimObject.KEY + ".");
            }
            throw refusal;
        }
    }

    /**
     * The claims as a person should see them.
     *
     * @param lines for people
     * @param hash of what stands in the bucket; null where nothing does, or it cannot be read
     * @param isOurs whether the database of the settings has claimed all of its prefix
     * @param isFree whether nobody has claimed a part of the prefix
     */
    public record Shown(List<String> lines, String hash, boolean isOurs, boolean isFree) {
        public Shown {
            lines = List.copyOf(lines);
        }
    }

    /** What a person should see of how the claims stand. */
    public Shown show(Standing standing) {
        List<String> lines = new ArrayList<>();
        lines.add("Bucket: " + bucket + (prefix.isEmpty() ? "" : ", prefix " + Visible.text(prefix)));
        lines.add("Records database: " + claimant.ask().display());
        if (standing.claims().isEmpty() && standing.reason() == null) {
            lines.add("Claim: none");
        }
        standing.claims().forEach(claim -> lines.add("Claim: " + claim.display()));
        lines.add(
                switch (standing.kind()) {
                    case OURS -> "It is this database's.";
                    case NONE -> "The first cleanup takes --claim " + bucket + ".";
                    default -> refusal(standing);
                });
        if (standing.kind() == Kind.NONE && log.expects(bucket, prefix)) {
            lines.add(gone());
        }
        return new Shown(lines, hash(standing), standing.kind() == Kind.OURS, standing.kind() == Kind.NONE);
    }

    private static String hash(Standing standing) {
        return standing.content().map(Content::text).map(Sha256::of).orElse(null);
    }

    /**
     * Lets this database have the claim instead of those who have it, or of what is no claim.
     *
     * @param standing as it is now
     * @param hash of what was shown
     * @return why not; empty where it has it now
     */
    public Optional<String> takeOver(Standing standing, String hash, String by) {
        if (standing.kind() != Kind.OTHERS && standing.kind() != Kind.MALFORMED) {
            return Optional.of(
                    standing.kind() == Kind.OURS
                            ? "This database has the claim already; nothing was changed."
                            : standing.kind() == Kind.NONE
                                    ? "There is no claim to take over; the first cleanup takes --claim " + bucket + "."
                                    : refusal(standing));
        }
        return changed(hash, standing)
                .or(() -> write(
                        Event.TAKE_OVER,
                        by,
                        standing,
                        newClaim(by),
                        standing.file().overlapping(prefix)));
    }

    /**
     * Takes this database's claim away.
     *
     * @param standing as it is now
     * @param hash of what was shown
     * @return why not; empty where it has none now
     */
    public Optional<String> release(Standing standing, String hash, String by) {
        if (standing.kind() != Kind.OURS) {
            return Optional.of(
                    standing.kind() == Kind.NONE
                            ? "This database has no claim to release."
                            : "Only the database that has a claim can release it. " + refusal(standing));
        }
        return changed(hash, standing).or(() -> write(Event.RELEASE, by, standing, null, standing.claims()));
    }

    private static Optional<String> changed(String hash, Standing standing) {
        return hash.equals(hash(standing))
                ? Optional.empty()
                : Optional.of("The claim is not what was shown with the hash \"" + Visible.text(hash)
                        + "\" any more; nothing was changed. Look again.");
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
