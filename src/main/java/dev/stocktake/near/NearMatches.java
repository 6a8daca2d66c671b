package dev.stocktake.near;

import dev.stocktake.compare.Finding.Kind;
import dev.stocktake.database.TextColumn;
import dev.stocktake.records.RecordKeys;
import dev.stocktake.run.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Finds the orphaned files and orphaned records of runs that are probably one asset. */
public final class NearMatches {
    /** Rows read or written at once. */
    private static final int ROWS = 5_000;

    private final RecordKeys records;
    private final JdbcTemplate database;
    private final TransactionTemplate transaction;

    /**
     * The findings of a results database.
     *
     * @param records those that were compared, and those that were not
     */
    public NearMatches(DataSource results, RecordKeys records) {
        this.records = records;
        this.database = new JdbcTemplate(results);
        this.database.setFetchSize(ROWS);
        this.transaction = new TransactionTemplate(new DataSourceTransactionManager(results));
    }

    /**
     * Lets the findings of a run that have a partner name it, all of them or none. Memory does not grow with the findings:
     * those that may have a partner, few, go to a table where those of one form come together. Nothing is left there,
     * however this ends.
     *
     * @throws org.springframework.dao.DataAccessException when the results database fails; it may be done again
     */
    public void find(Run run) {
        find(run, each -> {});
    }

    /**
     * The same, where records that the run did not compare may name files of it, too: they are no findings themselves.
     *
     * @param out a {@code COPY (…) TO STDOUT} of their keys, which reads the prefix of the run's keys as
     *     {@code current_setting('stocktake.prefix')}; see {@link RecordKeys#read}
     * @throws org.springframework.dao.DataAccessException when either database fails; it may be done again
     */
    public void find(Run run, String out) {
        find(run, each -> records.read(out, run.prefix(), each, () -> false));
    }

    private void find(Run run, Consumer<Consumer<String>> uncompared) {
        transaction.executeWithoutResult(status -> {
            collect(run, uncompared);
            pair(run);
            database.update("""
                    UPDATE stocktake.finding SET near_match = likeliest.partner, near_match_by = likeliest.by FROM (
                      SELECT DISTINCT ON (kind, storage_key) * FROM stocktake.near_pair
                      WHERE run_id = ? ORDER BY kind, storage_key, rank, partner) AS likeliest
                    WHERE finding.run_id = ? AND finding.kind = likeliest.kind
                      AND finding.storage_key = likeliest.storage_key""", run.id(), run.id());
            database.update("DELETE FROM stocktake.near_form WHERE run_id = ?", run.id());
            database.update("DELETE FROM stocktake.near_pair WHERE run_id = ?", run.id());
        });
    }

    /** Stores the forms that both a file and a record have, as far as the filters can tell. */
    private void collect(Run run, Consumer<Consumer<String>> uncompared) {
        Form.Bucket bucket = Form.Bucket.of(run.bucket());
        FormFilter files = new FormFilter();
        FormFilter records = new FormFilter();
        findings(run, (kind, key) -> {
            FormFilter own = kind == Kind.ORPHANED_FILE ? files : records;
            add(Form.of(key, bucket), own);
        });
        List<Candidate> found = new ArrayList<>();
        uncompared.accept(key -> {
            Form form = Form.of(key, bucket);
            if (addCandidates(form, Kind.ORPHANED_RECORD, key, files, found)) {
                add(form, records);
            }
            storeIfMany(run, found);
        });
        findings(run, (kind, key) -> {
            FormFilter other = kind == Kind.ORPHANED_FILE ? records : files;
            addCandidates(Form.of(key, bucket), kind, key, other, found);
            storeIfMany(run, found);
        });
        storeCandidates(run, found);
    }

    private static void add(Form form, FormFilter own) {
        for (long whole : form.hashes()) {
            own.add(whole);
        }
        for (long path : form.pathHashes()) {
            own.add(Form.ofPath(path));
        }
    }

    /** Whether the key may have a partner among the others. */
    private static boolean addCandidates(Form form, Kind kind, String key, FormFilter other, List<Candidate> found) {
        int before = found.size();
        for (long whole : form.hashes()) {
            if (other.mayHold(whole) || other.mayHold(Form.ofPath(whole))) {
                found.add(new Candidate(whole, kind, key));
            }
        }
        for (long path : form.pathHashes()) {
            if (other.mayHold(path)) {
                found.add(new Candidate(path, kind, key));
            }
        }
        return found.size() > before;
    }

    private void storeIfMany(Run run, List<Candidate> found) {
        if (found.size() >= ROWS) {
            storeCandidates(run, found);
        }
    }

    private void findings(Run run, BiConsumer<Kind, String> each) {
        database.query(
                "SELECT kind = 'orphaned_file', storage_key FROM stocktake.finding WHERE run_id = ?",
                row -> {
                    each.accept(row.getBoolean(1) ? Kind.ORPHANED_FILE : Kind.ORPHANED_RECORD, row.getString(2));
                },
                run.id());
    }

    private record Candidate(long form, Kind kind, String key) {}

    private void storeCandidates(Run run, List<Candidate> found) {
        database.update(
                "INSERT INTO stocktake.near_form SELECT ?, * FROM unnest(?::text[]::bigint[], ?::text[], ?::text[])",
                run.id(),
                TextColumn.of(found, Candidate::form),
                TextColumn.of(found, candidate -> candidate.kind().label()),
                TextColumn.of(found, Candidate::key));
        found.clear();
    }

    private void pair(Run run) {
        Group group = new Group(run);
        // both kinds by turns, so that a part of a large group has some of each
        database.query(
                """
                SELECT form, kind, storage_key FROM (
                  SELECT *, row_number() OVER (PARTITION BY form, kind ORDER BY storage_key) AS place
                  FROM (SELECT DISTINCT form, kind, storage_key FROM stocktake.near_form WHERE run_id = ?) AS each) AS placed
                ORDER BY form, place, kind""",
                row -> {
                    group.add(row.getLong(1), Kind.of(row.getString(2)).orElseThrow(), row.getString(3));
                },
                run.id());
        group.end();
    }

    /** The keys of one form, one form after another. */
    private final class Group {
        /** Of each kind; those behind them meet only the first half of so many, and those that come with them. */
        private static final int MOST = 2_000;

        private final Run run;
        private final List<String> files = new ArrayList<>();
        private final List<String> records = new ArrayList<>();
        private final List<Pair> pairs = new ArrayList<>();
        private long form;

        Group(Run run) {
            this.run = run;
        }

        void add(long nextForm, Kind kind, String key) {
            if (nextForm != form) {
                pair();
                files.clear();
                records.clear();
                form = nextForm;
            } else if (Math.max(files.size(), records.size()) == MOST) {
                pair();
                keepFirst(files);
                keepFirst(records);
            }
            (kind == Kind.ORPHANED_FILE ? files : records).add(key);
        }

        private void keepFirst(List<String> keys) {
            if (keys.size() > MOST / 2) {
                keys.subList(MOST / 2, keys.size()).clear();
            }
        }

        void end() {
            pair();
            store();
        }

        private void pair() {
            if (files.isEmpty() || records.isEmpty()) {
                return;
            }
            Pairing.Pairs found = Pairing.of(files, records, run.bucket());
            found.ofFiles().forEach(near -> pairs.add(new Pair(Kind.ORPHANED_FILE, near)));
            found.ofRecords().forEach(near -> pairs.add(new Pair(Kind.ORPHANED_RECORD, near)));
            if (pairs.size() >= ROWS) {
                store();
            }
        }

        private void store() {
            database.update(
                    "INSERT INTO stocktake.near_pair"
                            + " SELECT ?, * FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[]::integer[])",
                    run.id(),
                    TextColumn.of(pairs, pair -> pair.kind().label()),
                    TextColumn.of(pairs, pair -> pair.near().key()),
                    TextColumn.of(pairs, pair -> pair.near().partner()),
                    TextColumn.of(pairs, pair -> Step.labels(pair.near().by())),
                    TextColumn.of(pairs, pair -> pair.near().rank()));
            pairs.clear();
        }
    }

    private record Pair(Kind kind, Near near) {}
}
