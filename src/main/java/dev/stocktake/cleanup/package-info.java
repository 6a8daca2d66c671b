/** From the findings of a run to files in quarantine: plan, confirm, check again, move, and what was done. */
package dev.stocktake.cleanup;
