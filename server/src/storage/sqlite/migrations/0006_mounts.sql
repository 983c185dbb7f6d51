-- Where dialects answer for an app, as the operator has chosen; an empty host is every host.
CREATE TABLE mounts (
    host TEXT NOT NULL,
    prefix TEXT NOT NULL,
    dialect TEXT NOT NULL,
    app INTEGER NOT NULL,
    PRIMARY KEY (host, prefix, dialect)
) STRICT, WITHOUT ROWID;
