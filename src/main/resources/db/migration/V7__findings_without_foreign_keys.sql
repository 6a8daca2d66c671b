-- a foreign key looks up its row for every row that is inserted, which takes as long as inserting it; findings and
-- suspects are inserted only by statements that lock their range, and thereby see that it and its run are there
ALTER TABLE finding DROP CONSTRAINT finding_run_id_fkey;
ALTER TABLE suspect DROP CONSTRAINT suspect_run_id_range_fkey;

-- their names come behind those of the foreign keys' own triggers: a run waits for its ranges before its findings go
CREATE FUNCTION delete_findings() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
BEGIN
    DELETE FROM stocktake.finding WHERE run_id = OLD.id;
    RETURN NULL;
END
$$;

CREATE TRIGGER delete_findings AFTER DELETE ON run FOR EACH ROW EXECUTE FUNCTION delete_findings();

CREATE FUNCTION delete_suspects() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
BEGIN
    DELETE FROM stocktake.suspect WHERE run_id = OLD.run_id AND range = OLD.number;
    RETURN NULL;
END
$$;

CREATE TRIGGER delete_suspects AFTER DELETE ON range FOR EACH ROW EXECUTE FUNCTION delete_suspects();
