/** Measures Stocktake against a synthetic store and an embedded PostgreSQL; README says how to run it. */
package dev.stocktake.bench;
