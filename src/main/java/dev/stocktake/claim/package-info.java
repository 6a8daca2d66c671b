/** Whose bucket it is: which records database its cleanups belong to. */
package dev.stocktake.claim;
