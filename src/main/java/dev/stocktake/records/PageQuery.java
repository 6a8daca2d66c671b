package dev.stocktake.records;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Iterator;
import java.util.Optional;
import org.apache.camel.EndpointAware;
import org.apache.camel.Exchange;
import org.apache.camel.component.sql.DefaultSqlPrepareStatementStrategy;
import org.apache.camel.component.sql.SqlEndpoint;
import org.apache.camel.component.sql.SqlPrepareStatementStrategy;

/**
 * A query with its parameters, exactly as a step of the routes performs it.
 *
 * @param written as the route file has it
 * @param prepared with question marks for the parameters
 */
record PageQuery(String written, String prepared, SqlPrepareStatementStrategy parameters, Exchange exchange) {
    /**
     * The query of a step.
     *
     * @param exchange what the parameters are taken from
     * @throws IllegalStateException when the routes have no such step
     */
    static PageQuery of(String stepId, Exchange exchange) {
        if (!(exchange.getContext().getProcessor(stepId) instanceof EndpointAware step)
                || !(step.getEndpoint() instanceof SqlEndpoint sql)) {
            throw new IllegalStateException("The routes have no step " + stepId + " with uri: sql; give this id to the"
                    + " step in routes/records.camel.yaml that reads a page of records.");
        }
        // the component's own default
        SqlPrepareStatementStrategy strategy = Optional.ofNullable(sql.getPrepareStatementStrategy())
                .orElseGet(() -> new DefaultSqlPrepareStatementStrategy(sql.getSeparator()));
        try {
            return new PageQuery(
                    sql.getQuery(),
                    strategy.prepareQuery(sql.getQuery(), sql.isAllowNamedParameters(), exchange),
                    strategy,
                    exchange);
        } catch (SQLException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Plans it, without performing it. */
    QueryPlan explain(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(QueryPlan.EXPLAIN + prepared)) {
            int count = statement.getParameterMetaData().getParameterCount();
            Iterator<?> values = parameters.createPopulateIterator(
                    written, prepared, count, exchange, exchange.getIn().getBody());
            parameters.populateStatement(statement, values, count);
            try (ResultSet plan = statement.executeQuery()) {
                plan.next();
                return QueryPlan.parse(plan.getString(1));
            }
        }
    }
}
