/**
 * S3 servers inside this JVM, for the tests and the demo: {@link dev.stocktake.embedded.EmbeddedStore} is a real one,
 * {@link dev.stocktake.embedded.SyntheticStore} can be as large and as wrong as a test wants it.
 */
package dev.stocktake.embedded;
