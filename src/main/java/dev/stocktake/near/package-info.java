/** Keys that are probably of one asset although they differ: the steps by which they agree, for runs and for cleanups alike. */
package dev.stocktake.near;
