package dev.stocktake.near;

import dev.stocktake.records.RecordKeys;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;

/** Finds the files that records name now, exactly or nearly, whatever a run saw. */
public final class NearRecords {
    /** Records that may name a file, looked at together. */
    private static final int TOGETHER = 10_000;

    private final RecordKeys records;

    public NearRecords(RecordKeys records) {
        this.records = records;
    }

    /**
     * Asks all records about files. Memory grows with the files, by some 20 bytes each, and with the answer, never with the
     * records.
     *
     * @param out a {@code COPY (…) TO STDOUT} of the keys of all records; see {@link RecordKeys#read}
     * @return by the key of each file that a record names, the likeliest such record
     * @throws org.springframework.dao.DataAccessException when the records database fails; it may be asked again
     */
    public Map<String, Near> among(FileKeys files, String out) {
        Search search = new Search(files);
        records.read(out, "", search::see, files.isStopped());
        search.pair();
        return search.named;
    }

    private static final class Search {
        private final FileKeys files;
        private final Form.Bucket bucket;
        private final Map<String, Near> named = new HashMap<>();
        private final Set<String> seen = new LinkedHashSet<>();
        private long[] sought;

        Search(FileKeys files) {
            this.files = files;
            bucket = Form.Bucket.of(files.bucket());
            seek();
        }

        /** The forms of the files that no record names so far. */
        private void seek() {
            LongStream.Builder forms = LongStream.builder();
            for (String file : files.keys()) {
                if (!named.containsKey(file)) {
                    Form form = Form.of(file, bucket);
                    for (long whole : form.hashes()) {
                        forms.add(whole);
                    }
                    for (long path : form.pathHashes()) {
                        forms.add(Form.ofPath(path));
                    }
                }
            }
            sought = forms.build().sorted().toArray();
        }

        void see(String record) {
            if (maybeNear(Form.of(record, bucket))) {
                seen.add(record);
                if (seen.size() >= TOGETHER) {
                    pair();
                    seek();
                }
            }
        }

        private boolean maybeNear(Form record) {
            boolean may = false;
            for (long whole : record.hashes()) {
                may = may || isSought(whole) || isSought(Form.ofPath(whole));
            }
            for (long path : record.pathHashes()) {
                may = may || isSought(path);
            }
            return may;
        }

        private boolean isSought(long hash) {
            return Arrays.binarySearch(sought, hash) >= 0;
        }

        /** Which of those seen do name files, and which files. */
        void pair() {
            if (seen.isEmpty()) {
                return;
            }
            Map<Long, Keys> byForm = new HashMap<>();
            for (String record : seen) {
                forms(record)
                        .forEach(form -> byForm.computeIfAbsent(form, none -> new Keys())
                                .records
                                .add(record));
            }
            seen.clear();
            for (String file : files.keys()) {
                forms(file)
                        .filter(byForm::containsKey)
                        .forEach(form -> byForm.get(form).files.add(file));
            }
            for (Keys alike : byForm.values()) {
                for (Near near : Pairing.ofFiles(alike.files, alike.records, files.bucket())) {
                    named.merge(near.key(), near, (one, other) -> one.rank() <= other.rank() ? one : other);
                }
            }
        }

        private LongStream forms(String key) {
            Form form = Form.of(key, bucket);
            return LongStream.concat(LongStream.of(form.hashes()), LongStream.of(form.pathHashes()));
        }
    }

    /** Of one form. */
    private static final class Keys {
        private final List<String> files = new ArrayList<>();
        private final List<String> records = new ArrayList<>();
    }
}
