package dev.stocktake.near;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The storage keys under which records may name a file, as far as they can be asked for by key. */
public final class NearKeys {
    private NearKeys() {}

    /** The key itself, all plainer ones that steps make of it, and the likeliest of those that steps make it of. */
    public static Set<String> of(String key, String bucket) {
        Set<String> keys = new LinkedHashSet<>(List.of(key));
        List<String> newest = List.of(key);
        for (int i = 0; i < Step.LONGEST_CHAIN; i++) {
            newest = newest.stream()
                    .flatMap(each -> plainer(each, bucket).stream())
                    .distinct()
                    .filter(keys::add)
                    .toList();
        }
        String form = URLEncoder.encode(key, UTF_8).replace("%2F", "/");
        keys.add(form);
        keys.add(form.replace("+", "%20"));
        keys.add(key.replace(' ', '+'));
        keys.add(Normalizer.normalize(key, Normalizer.Form.NFD));
        keys.add("/" + key);
        keys.add(bucket + "/" + key);
        keys.add("s3://" + bucket + "/" + key);
        return keys;
    }

    /**
     * The likeliest record of a file.
     *
     * @param records keys of records; others than those asked for are passed over
     */
    public static Optional<Near> named(String file, Set<String> records, String bucket) {
        List<String> asked = of(file, bucket).stream().filter(records::contains).toList();
        return Pairing.ofFiles(List.of(file), asked, bucket).stream().findFirst();
    }

    private static List<String> plainer(String key, String bucket) {
        return Arrays.stream(Step.values())
                .flatMap(step -> step.plainer(key, bucket).stream())
                .toList();
    }
}
