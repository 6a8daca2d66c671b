package dev.stocktake.bench;

import dev.stocktake.settings.Settings;
import dev.stocktake.storage.StoreClient;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Object;

/** The loop that one writes first: the SDK's paginator, and for each of its pages a query for the records of its keys. */
final class SerialLoop {
    private final Settings settings;

    SerialLoop(Settings settings) {
        this.settings = settings;
    }

    Measured read() throws SQLException {
        long objects = 0;
        long matched = 0;
        Properties user = new Properties();
        settings.database().user().ifPresent(name -> user.setProperty("user", name));
        settings.database().password().ifPresent(secret -> user.setProperty("password", secret.reveal()));
        try (S3Client client = StoreClient.of(settings, 1);
                Connection connection =
                        DriverManager.getConnection(settings.database().jdbcUrl(), user);
                PreparedStatement query = connection.prepareStatement("SELECT storage_key, id, created_at FROM assets"
                        + " WHERE storage_key COLLATE \"C\" = ANY(?) AND octet_length(storage_key) <= 1024")) {
            for (ListObjectsV2Response page : client.listObjectsV2Paginator(list -> list.bucket(settings.bucket()))) {
                List<String> keys = page.contents().stream().map(S3Object::key).toList();
                Set<String> recorded = recorded(connection, query, keys);
                objects += keys.size();
                matched += keys.stream().filter(recorded::contains).count();
            }
        }
        return Worker.found(objects, matched, matched, objects - matched, 0, 0, null);
    }

    private static Set<String> recorded(Connection connection, PreparedStatement query, List<String> keys)
            throws SQLException {
        query.setArray(1, connection.createArrayOf("text", keys.toArray()));
        Set<String> recorded = new HashSet<>();
        try (ResultSet rows = query.executeQuery()) {
            while (rows.next()) {
                recorded.add(rows.getString(1));
            }
        }
        return recorded;
    }
}
