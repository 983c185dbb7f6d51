-- Attributes by which a user is found: a value belongs to one user of an app.
CREATE TABLE user_keys (
    app INTEGER NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    user TEXT NOT NULL,
    PRIMARY KEY (app, name, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_keys_of_user ON user_keys (app, user);
-- Of users who had the same before they were keys, the first one keeps it.
INSERT OR IGNORE INTO user_keys (app, name, value, user)
    SELECT u.app, a.key, CAST(a.value AS TEXT), u.uid
    FROM users u, json_each(u.attributes) a
    WHERE a.key IN ('phone', 'telephone') AND a.type IN ('text', 'integer', 'real') AND a.value <> ''
    ORDER BY u.created_at;

-- A row for each side.
CREATE TABLE friends (
    app INTEGER NOT NULL,
    user TEXT NOT NULL,
    friend TEXT NOT NULL,
    remark TEXT NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (app, user, friend)
) STRICT, WITHOUT ROWID;
CREATE INDEX friends_by_age ON friends (app, user, since, friend);

-- What a user's own system has given it. The token itself is kept, because signatures are made with it; it is found by
-- its SHA-256, so that the time a look-up takes says nothing about it. The password is kept as its Argon2id hash.
CREATE TABLE credentials (
    app INTEGER NOT NULL,
    user TEXT NOT NULL,
    token TEXT,
    token_hash BLOB,
    password TEXT,
    PRIMARY KEY (app, user)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX credentials_by_token ON credentials (app, token_hash) WHERE token_hash IS NOT NULL;

-- Random, drawn once: the key of fingerprints. It outlives the apps' secrets, so that what is stored under a
-- fingerprint is still found after a secret has changed.
CREATE TABLE pepper (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    bytes BLOB NOT NULL
) STRICT;
