-- What is known of files; their bytes lie beside the database. file_bytes says how much an app has, so that its quota is
-- one look-up.
CREATE TABLE files (
    app INTEGER NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    mime TEXT NOT NULL,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    width INTEGER,
    height INTEGER,
    thumb_width INTEGER,
    thumb_height INTEGER,
    owner TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (app, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX files_expiring ON files (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE file_bytes (
    app INTEGER PRIMARY KEY,
    bytes INTEGER NOT NULL
) STRICT;
