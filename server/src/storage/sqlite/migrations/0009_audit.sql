-- A version that runs for a share, what happens to versions that fail, and since when the current one runs.
ALTER TABLE installs ADD COLUMN canary TEXT;
ALTER TABLE installs ADD COLUMN auto_rollback INTEGER;
ALTER TABLE installs ADD COLUMN activated_at INTEGER NOT NULL DEFAULT 0;

-- What was done to plugins, written with what was done. The oldest of an app go when there are too many.
CREATE TABLE audit (
    app INTEGER NOT NULL,
    id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    what TEXT NOT NULL,
    plugin TEXT NOT NULL,
    digest TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (app, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_by_plugin ON audit (app, plugin, id);
