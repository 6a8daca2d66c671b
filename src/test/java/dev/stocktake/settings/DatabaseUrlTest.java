package dev.stocktake.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.Driver;

class DatabaseUrlTest {
    private static final String JDBC = "jdbc:postgresql://";

    static Stream<Arguments> urls() {
        return Stream.of(
                arguments("postgres://app:pw@db.example.org:6543/shop", "db.example.org:6543/shop", "app", "pw"),
                arguments("postgresql://app:pw@localhost/shop", "localhost:5432/shop", "app", "pw"),
                arguments("postgres://app@db/shop", "db:5432/shop", "app", null),
                arguments("postgres://app:@db/shop", "db:5432/shop", "app", null),
                arguments("postgres://db/shop", "db:5432/shop", null, null),
                arguments("postgres://db/shop?", "db:5432/shop", null, null),
                arguments("postgres://my_db/shop", "my_db:5432/shop", null, null),
                // decoded, but a + stays a plus, in every place
                arguments("postgres://a%40b:p%40%2F%23%3F%25+w@db/shop", "db:5432/shop", "a@b", "p@/#?%+w"),
                arguments("postgres://app:pass:word@db/shop", "db:5432/shop", "app", "pass:word"),
                arguments("postgres://%C3%A9t%C3%A9:%E2%82%AC@db/shop", "db:5432/shop", "été", "€"),
                arguments("postgres://app:pw@db/my%20shop%2Fa+b", "db:5432/my%20shop%2Fa%2Bb", "app", "pw"),
                arguments("postgres://db/shop?user=a+b&password=c+d", "db:5432/shop", "a+b", "c+d"),
                arguments("postgres://app:pw@[::1]/shop", "[::1]:5432/shop", "app", "pw"),
                arguments("postgres://app:pw@[2001:db8::7]:6543/shop", "[2001:db8::7]:6543/shop", "app", "pw"),
                arguments("postgres://app:pw@a:1,b,c:3/shop", "a:1,b:5432,c:3/shop", "app", "pw"),
                arguments("jdbc:postgresql://db:6543/shop?user=app&password=p%40w", "db:6543/shop", "app", "p@w"),
                arguments("jdbc:postgresql://db/shop?user=a+b&password=c+d", "db:5432/shop", "a b", "c d"),
                arguments("jdbc:postgresql://app:pw@db/shop", "db:5432/shop", "app", "pw"),
                arguments("jdbc:postgresql:shop", "localhost:5432/shop", null, null),
                arguments("jdbc:postgresql:shop?user=app", "localhost:5432/shop", "app", null));
    }

    @ParameterizedTest
    @MethodSource("urls")
    void readsUserPasswordAndPlace(String url, String place, String user, String password) {
        DatabaseUrl database = DatabaseUrl.parse(url);

        assertThat(database.jdbcUrl()).isEqualTo(JDBC + place);
        assertThat(database.display()).isEqualTo(place);
        assertThat(database.user()).isEqualTo(Optional.ofNullable(user));
        assertThat(database.password()).isEqualTo(Optional.ofNullable(password).map(Secret::of));
    }

    @ParameterizedTest
    @CsvSource({
        "sslmode=require,                      sslmode, require",
        "sslmode=VERIFY-FULL,                  sslmode, verify-full",
        "sslrootcert=/etc/ca.pem,              sslrootcert, /etc/ca.pem",
        "sslcert=a.crt,                        sslcert, a.crt",
        "sslkey=a.key,                         sslkey, a.key",
        "sslnegotiation=direct,                sslNegotiation, direct",
        "sslrootcert=system,                   sslmode, verify-full",
        "sslrootcert=system&sslmode=require,   sslmode, verify-full",
        "sslrootcert=system,                   sslfactory, org.postgresql.ssl.DefaultJavaSSLFactory",
        "connect_timeout=5,                    connectTimeout, 5",
        "connect_timeout=-1,                   connectTimeout, 0",
        "connectTimeout=5,                     connectTimeout, 5",
        "application_name=nightly%20check,     ApplicationName, nightly check",
        "application_name=a+b,                 ApplicationName, a+b",
        "channel_binding=require,              channelBinding, require",
        "gssencmode=disable,                   gssEncMode, disable",
        "krbsrvname=pg,                        kerberosServerName, pg",
        "'require_auth=scram-sha-256,md5',     requireAuth, 'scram-sha-256,md5'",
        "options=-c%20statement_timeout%3D5min, options, -c statement_timeout=5min",
        "keepalives=1,                         tcpKeepAlive, true",
        "keepalives=0,                         tcpKeepAlive, false",
        "target_session_attrs=any,             targetServerType, any",
        "target_session_attrs=read-write,      targetServerType, primary",
        "target_session_attrs=primary,         targetServerType, primary",
        "target_session_attrs=read-only,       targetServerType, secondary",
        "target_session_attrs=standby,         targetServerType, secondary",
        "target_session_attrs=prefer-standby,  targetServerType, preferSecondary",
        "load_balance_hosts=random,            loadBalanceHosts, true",
        "schema=assets,                        currentSchema, assets",
        "'search_path=assets,public',          currentSchema, 'assets,public'",
        "pgbouncer=true,                       prepareThreshold, 0",
        "prepared_statements=false,            prepareThreshold, 0",
        "socket_timeout=30,                    socketTimeout, 30",
        "ssl=true,                             ssl, true",
        "sslmode=disable&sslmode=require,      sslmode, require",
    })
    void handsParametersToTheDriverUnderItsOwnNames(String query, String name, String value) {
        Properties driver = driver(DatabaseUrl.parse("postgres://app:pw@db/shop?" + query));

        assertThat(driver).containsEntry(name, value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "connection_limit=5",
                "pgbouncer=false",
                "pool_timeout=10",
                "client_encoding=UTF8",
                "keepalives_idle=60",
                "fallback_application_name=x",
                "uselibpqcompat=true",
                "serverVersion=16&charset=utf8",
                "&&"
            })
    void leavesOutWhatOnlyTunesOtherClients(String query) {
        assertThat(DatabaseUrl.parse("postgres://app:pw@db/shop?" + query).jdbcUrl())
                .isEqualTo("jdbc:postgresql://db:5432/shop");
    }

    @Test
    void theDriverReadsEveryPartAsItWasWritten() {
        DatabaseUrl database =
                DatabaseUrl.parse("postgres://app:pw@[::1]:1,b/a%20b%2Bc%26d%3De%3Ff%2Fg?options=%26%3D%2B%25%3F%23");

        assertThat(driver(database))
                .containsEntry("PGHOST", "[::1],b")
                .containsEntry("PGPORT", "1,5432")
                .containsEntry("PGDBNAME", "a b+c&d=e?f/g")
                .containsEntry("options", "&=+%?#")
                .doesNotContainKeys("user", "password");
    }

    @Test
    void anotherUserAndPasswordReplaceTheUrls() {
        DatabaseUrl database = DatabaseUrl.parse("postgres://app:pw@db/shop?sslmode=require");
        Optional<Secret> other = Optional.of(Secret.of("other"));

        assertThat(database.as(Optional.empty(), Optional.empty())).isEqualTo(database);
        assertThat(database.as(Optional.of("reader"), Optional.empty()))
                .isEqualTo(new DatabaseUrl(database.jdbcUrl(), Optional.of("reader"), database.password()));
        assertThat(database.as(Optional.empty(), other))
                .isEqualTo(new DatabaseUrl(database.jdbcUrl(), Optional.of("app"), other));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            mysql://app:hunter2@db/shop                     | must begin with postgres://, postgresql:// or jdbc:postgresql://, was: "mysql://app:***@db/shop"
            db.example.org                                  | must begin with postgres://, postgresql:// or jdbc:postgresql://
            postgres://app:hunter2@db                       | must name a database, as in postgres://user:password@host:5432/db, was: "postgres://app:***@db"
            postgres://app:hunter2@db/                      | must name a database, as in postgres://user:password@host:5432/db, was: "postgres://app:***@db/"
            postgres://app:hunter2@db/a/b                   | must have one name after the host: write a / in a database's name as %2F, was: "postgres://app:***@db/a/b"
            postgres://app:hunter2@db:0/shop                | must have a port from 1 to 65535, was: "postgres://app:***@db:0/shop"
            postgres://app:hunter2@db:65536/shop            | must have a port from 1 to 65535, was: "postgres://app:***@db:65536/shop"
            postgres://app:hunter2@%2Fvar%2Frun/shop        | must name a host that is reached by TCP, not by a Unix socket, was: "postgres://app:***@%2Fvar%2Frun/shop"
            postgres://app:hunter2@db/shop?host=/var/run    | must have the host, the port and the database before the "?", and a host that is reached by TCP, not by a Unix socket, was: "postgres://app:***@db/shop?…"
            postgres://app:hunter2@db/shop?sslmode=no-verify | must have a sslmode that is one of disable, allow, prefer, require, verify-ca, verify-full, not "no-verify", was: "postgres://app:***@db/shop?…"
            postgres://app:hunter2@db/shop?sslMode=require  | has a parameter that the PostgreSQL driver does not know: "sslMode"; did you mean sslmode?, was: "postgres://app:***@db/shop?…"
            postgres://app:hunter2@db/shop?currentshema=a   | has a parameter that the PostgreSQL driver does not know: "currentshema"; did you mean currentSchema?, was: "postgres://app:***@db/shop?…"
            jdbc:postgresql://db/shop?password=hunter2&x=y  | has a parameter that the PostgreSQL driver does not know: "x", was: "jdbc:postgresql://…"
            postgres://app:hunter2@db/shop?sslpassword=hunter2 | must not have the parameter sslpassword, because drivers and pools write URLs to their logs: use a key file without a passphrase, was: "postgres://app:***@db/shop?…"
            postgres://app:hunter2@db/shop?sslaccept=strict | must not have the parameter sslaccept: use sslmode=verify-full or sslmode=require, was: "postgres://app:***@db/shop?…"
            postgres://app:hunter2@db/shop?target_session_attrs=x | must have a target_session_attrs that is one of any, prefer-standby, primary, read-only, read-write, standby, not "x", was: "postgres://app:***@db/shop?…"
            postgres://app:hunter2@db/shop?connect_timeout=soon | must have a connect_timeout that is a whole number of seconds, not "soon", was: "postgres://app:***@db/shop?…"
            postgres://app:hunter%2@db/shop                 | has a % that is not followed by two hexadecimal digits: write % as %25, was: "postgres://app:***@db/shop"
            postgres://app:hunter2%FF@db/shop               | has percent-encoded bytes that are not UTF-8, was: "postgres://app:***@db/shop"
            postgres://app:hunter2@db/shop%00               | must not contain %00, was: "postgres://app:***@db/shop%00"
            """)
    void refusesWhatItCannotRead(String url, String message) {
        IllegalArgumentException refused = refused(url);

        assertThat(refused).hasMessage(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "postgres://app:hun@ter2@db/shop",
                "postgres://app:hun/ter2@db/shop",
                "postgres://app:hun#ter2@db/shop",
                "postgres://app:hun?ter2@db/shop",
                "postgres://app:12?hunter2@db/shop",
                "postgres://app:12?hunter2=hunter2@db/shop",
                "postgres://app:hun@db/ter2?hunter2=hunter2@db/shop",
                "postgres://app:hun/ter2#hunter@db/shop",
                "postgres://app:hunter 2@db/shop",
                "postgres://app:hunter2\n@db/shop",
                "postgres://app:hunter2",
                "postgres://app:hunter2/shop",
                "postgres://app:hunter2@/shop",
                "jdbc:postgresql://db/shop?user=app&password=hunter2%",
                "jdbc:postgresql://db/shop?password=hunter2&sslmode=hunter@",
                "app:hunter2@db/shop",
                "hunter2"
            })
    void neverShowsAPasswordHoweverMangledTheUrlIs(String url) {
        IllegalArgumentException refused = refused(url);

        assertThat(refused).hasMessageNotContaining("hun").hasMessageNotContaining("ter2");
        assertThat(refused.getMessage().lines()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "postgres://app:hun@ter2@db/shop",
                "postgres://app:hun/ter2@db/shop",
                "postgres://app:hun#ter2@db/shop",
                "postgres://app:hun?ter2@db/shop",
            })
    void saysThatARawSpecialCharacterMustBeEncoded(String url) {
        assertThat(refused(url)).hasMessageContaining("percent-encoded: @ as %40, / as %2F, # as %23");
    }

    @Test
    void printsWithoutThePassword() {
        DatabaseUrl database = DatabaseUrl.parse("jdbc:postgresql://db/shop?user=app&password=hunter2&sslmode=require");

        assertThat(database)
                .hasToString("DatabaseUrl[jdbcUrl=jdbc:postgresql://db:5432/shop?sslmode=require,"
                        + " user=Optional[app], password=Optional[***]]");
    }

    private static IllegalArgumentException refused(String url) {
        return catchThrowableOfType(IllegalArgumentException.class, () -> DatabaseUrl.parse(url));
    }

    private static Properties driver(DatabaseUrl database) {
        return Driver.parseURL(database.jdbcUrl(), null);
    }
}
