package dev.stocktake.run;

import dev.stocktake.fixture.Assets;
import java.sql.Connection;
import org.springframework.jdbc.datasource.AbstractDataSource;

/** The results database, with a connection of its own for each use, as from as many processes. */
final class ResultsDatabase extends AbstractDataSource {
    private final Assets assets;

    ResultsDatabase(Assets assets) {
        this.assets = assets;
    }

    @Override
    public Connection getConnection() {
        return assets.database().connect();
    }

    @Override
    public Connection getConnection(String user, String password) {
        return getConnection();
    }
}
