-- Stocktake itself makes and checks the hashes of actions: what the database holds cannot vouch for itself.

DROP TRIGGER IF EXISTS chain_action ON action;
DROP FUNCTION IF EXISTS chain_action();
DROP FUNCTION IF EXISTS action_hash(action);
