package dev.stocktake.settings;

import static dev.stocktake.settings.ShownText.was;

import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * The form that each setting's text must have. Every method returns the value or throws an IllegalArgumentException
 * whose message reads on after the setting's name and is one line.
 */
final class SettingForm {
    /** What never ends. */
    static final String FOREVER = "forever";

    private static final int LONGEST_PREFIX = 1024;
    private static final int SHORTEST_HTTP_SECRET = 16;

    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");
    private static final Pattern PRICE = Pattern.compile("[0-9]{1,6}(\\.[0-9]{1,9})?");
    private static final Pattern BUCKET = Pattern.compile("[^\\s\\p{Cntrl}/]{1,255}");
    private static final Pattern REGION = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,63}");
    private static final Pattern HOST =
            Pattern.compile("[A-Za-z0-9._-]+|\\[?[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*]?");
    private static final Pattern VISIBLE_ASCII = Pattern.compile("[!-~]+");

    private SettingForm() {}

    static String bucket(String text) {
        if (text.contains("://")) {
            throw wrong("must be the bucket's name alone, not a URL: the store goes in S3_ENDPOINT", text);
        }
        if (text.contains("/")) {
            throw wrong("must be the bucket's name alone: a path in it goes in S3_PREFIX", text);
        }
        if (!BUCKET.matcher(text).matches()) {
            throw wrong("must be a bucket's name of 1 to 255 characters without spaces", text);
        }
        return text;
    }

    static String prefix(String text) {
        if (text.getBytes(StandardCharsets.UTF_8).length > LONGEST_PREFIX) {
            throw wrong("must be at most 1024 bytes of UTF-8, as keys are", text);
        }
        // both would match no key, and the run would find nothing to complain of
        if (text.indexOf('\uFFFD') >= 0 || text.codePoints().anyMatch(SettingForm::surrogate)) {
            throw wrong("has characters that this process's locale cannot hold: set LC_ALL=C.UTF-8", text);
        }
        if (text.codePoints().anyMatch(Character::isISOControl)) {
            throw wrong("must not contain control characters", text);
        }
        return text;
    }

    static String quarantinePrefix(String text) {
        if (!text.endsWith("/") || text.equals("/")) {
            throw wrong("must end in /, as the name of a folder of the bucket", text);
        }
        return prefix(text);
    }

    /** With or without its sign. */
    static int percent(String text) {
        return wholeNumber(0, 100).apply(text.replaceFirst("\\s*%$", ""));
    }

    static URI endpoint(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw wrongEndpoint("must be a URL like https://host:port", text);
        }
        String scheme = Optional.ofNullable(uri.getScheme()).orElse("").toLowerCase(Locale.ROOT);
        if (uri.getRawAuthority() == null || !Set.of("http", "https").contains(scheme)) {
            boolean bareHost = text.matches("[A-Za-z0-9.-]+(:[0-9]+)?");
            throw wrongEndpoint(
                    "must begin with http:// or https://, like https://" + (bareHost ? text : "host:port"), text);
        }
        if (uri.getRawUserInfo() != null || uri.getRawAuthority().contains("@")) {
            throw wrongEndpoint("must not contain a user: credentials go in S3_ACCESS_KEY_ID", text);
        }
        if (uri.getHost() == null) {
            throw wrongEndpoint("must have a host name of letters, digits, \".\" and \"-\" (no \"_\")", text);
        }
        if (uri.getPort() == 0 || uri.getPort() > 65_535) {
            throw wrongEndpoint("must have a port from 1 to 65535", text);
        }
        boolean bare = uri.getRawQuery() == null && uri.getRawFragment() == null;
        if (!bare || !Set.of("", "/").contains(uri.getRawPath())) {
            throw wrongEndpoint("must end after the host or port: the bucket goes in S3_BUCKET", text);
        }
        return URI.create(scheme + "://" + uri.getRawAuthority());
    }

    static String region(String text) {
        if (!REGION.matcher(text).matches()) {
            throw wrong("must be a region's name like eu-central-1 or auto", text);
        }
        return text;
    }

    /** Shows nothing of the value: people swap the two credentials. */
    static String accessKeyId(String text) {
        if (!VISIBLE_ASCII.matcher(text).matches()) {
            throw new IllegalArgumentException("must be of visible ASCII characters, without spaces");
        }
        return text;
    }

    static Secret secretAccessKey(String text) {
        if (!text.equals(text.strip()) || text.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("must not begin or end with a space or contain control characters");
        }
        return Secret.of(text);
    }

    static Secret httpSecret(String text) {
        if (text.length() < SHORTEST_HTTP_SECRET) {
            throw new IllegalArgumentException("must have at least " + SHORTEST_HTTP_SECRET + " characters, was: "
                    + text.length() + " characters");
        }
        if (!VISIBLE_ASCII.matcher(text).matches()) {
            // no Authorization header could carry it
            throw new IllegalArgumentException("must be of visible ASCII characters, without spaces");
        }
        return Secret.of(text);
    }

    static ZoneId timeZone(String text) {
        Set<String> names = ZoneId.getAvailableZoneIds();
        if (names.contains(text)) {
            return ZoneId.of(text);
        }
        String hint = nearestTimeZone(text, names)
                .map(name -> " (did you mean " + name + "?)")
                .orElse("");
        throw wrong("must be an IANA time zone name like Europe/Berlin or UTC" + hint, text);
    }

    private static Optional<String> nearestTimeZone(String text, Set<String> names) {
        // no guess from GMT+2, as Etc/GMT+2 is two hours behind GMT, nor from abbreviations, as CST is not CET
        if (text.chars().anyMatch(Character::isDigit)) {
            return Optional.empty();
        }
        String city = "/" + text.toLowerCase(Locale.ROOT);
        return names.stream()
                .filter(name -> ("/" + name.toLowerCase(Locale.ROOT)).endsWith(city))
                .min(Comparator.comparing(String::length).thenComparing(Comparator.naturalOrder()))
                .or(() -> NearestName.of(text, names, Math.min(3, text.length() / 4)));
    }

    static String host(String text) {
        if (!HOST.matcher(text).matches()) {
            throw wrong("must be a host name or an IP address to listen on, without a port", text);
        }
        return text;
    }

    static boolean yesOrNo(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw wrong("must be true or false", text);
        };
    }

    static Function<String, Integer> wholeNumber(int least, int most) {
        return text -> {
            int number = NUMBER.matcher(text).matches() ? Integer.parseInt(text) : -1;
            if (number < least || number > most) {
                throw wrong("must be a whole number from " + least + " to " + most, text);
            }
            return number;
        };
    }

    /** Empty for ever. */
    static Optional<Duration> keeping(String text) {
        if (text.equalsIgnoreCase(FOREVER)) {
            return Optional.empty();
        }
        String form = "must be a duration like 30d, from 1d to 36500d, or " + FOREVER;
        Duration duration;
        try {
            duration = TimeSpan.parse(text);
        } catch (IllegalArgumentException e) {
            throw wrong(form, text);
        }
        // a plan may be made of a run for a day
        if (duration.compareTo(Duration.ofDays(1)) < 0) {
            throw wrong(form, text);
        }
        return Optional.of(duration);
    }

    static BigDecimal price(String text) {
        if (!PRICE.matcher(text).matches()) {
            throw wrong("must be a price like 0.005, without a currency", text);
        }
        return new BigDecimal(text);
    }

    /** A directory that can be written to, now or once it is made; nothing is made here. */
    static Path directory(String text) {
        // in the address of a Camel endpoint these begin its parameters, an expression and a placeholder
        if (text.contains("?") || text.contains("${") || text.contains("{{")) {
            throw wrong("must not contain ?, ${ or {{, which mean something else in route files", text);
        }
        Path directory;
        try {
            directory = Path.of(text);
        } catch (InvalidPathException e) {
            throw wrong("must be a path", text);
        }
        Path existing = directory.toAbsolutePath().normalize();
        while (existing.getParent() != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        if (!Files.isDirectory(existing)) {
            throw wrong("must be a directory, and " + existing + " is none", text);
        }
        if (!Files.isWritable(existing)) {
            throw wrong("must be a directory that can be written to, and " + existing + " cannot", text);
        }
        return directory;
    }

    private static boolean surrogate(int character) {
        return Character.getType(character) == Character.SURROGATE;
    }

    private static IllegalArgumentException wrong(String reason, String text) {
        return new IllegalArgumentException(reason + was(text));
    }

    /** Shows nothing before an @, where a URL has its credentials. */
    private static IllegalArgumentException wrongEndpoint(String reason, String text) {
        return wrong(reason, text.replaceFirst("^([^:/]*://)?.*@", "$1***@"));
    }
}
