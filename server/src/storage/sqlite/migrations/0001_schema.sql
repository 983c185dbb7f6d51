-- One counter stamps everything that is announced: message ids, conversation ids and the columns created, changed,
-- joined, left, dissolved and cursor all come from it. What can be derived cheaply is not stored: a conversation's newest
-- message is the end of messages_by_seq, so that sending writes no row but the message and the sender's mark.

CREATE TABLE apps (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    secret TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    demo INTEGER NOT NULL,
    settings TEXT NOT NULL
) STRICT;

CREATE TABLE users (
    app INTEGER NOT NULL,
    uid TEXT NOT NULL,
    nickname TEXT NOT NULL,
    avatar TEXT NOT NULL,
    attributes TEXT NOT NULL,
    ban TEXT,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (app, uid)
) STRICT, WITHOUT ROWID;

CREATE TABLE tokens (
    hash BLOB PRIMARY KEY,
    app INTEGER NOT NULL,
    user TEXT NOT NULL,
    device TEXT,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX tokens_of_user ON tokens (app, user);

CREATE TABLE blocks (
    app INTEGER NOT NULL,
    by TEXT NOT NULL,
    user TEXT NOT NULL,
    PRIMARY KEY (app, by, user)
) STRICT, WITHOUT ROWID;

-- The id is the stamp of its making. direct_key names the pair of a direct conversation, and goes when it is dissolved.
CREATE TABLE conversations (
    id INTEGER PRIMARY KEY,
    app INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    name TEXT NOT NULL,
    cover TEXT NOT NULL,
    ext TEXT NOT NULL,
    owner TEXT,
    muted INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    direct_key TEXT,
    changed INTEGER NOT NULL,
    dissolved INTEGER
) STRICT;
CREATE UNIQUE INDEX conversations_direct ON conversations (app, direct_key) WHERE direct_key IS NOT NULL;

-- Who has left stays with a stamp in "left", so that a client that was away can be told.
CREATE TABLE members (
    conversation INTEGER NOT NULL,
    user TEXT NOT NULL,
    app INTEGER NOT NULL,
    role INTEGER NOT NULL,
    muted_until INTEGER,
    joined_at INTEGER NOT NULL,
    joined INTEGER NOT NULL,
    left INTEGER,
    delivered INTEGER NOT NULL DEFAULT 0,
    read INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (conversation, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_of_user ON members (app, user, conversation);

-- The hot table. The nonce leads its index so that time-ordered nonces append to it instead of scattering.
CREATE TABLE messages (
    id INTEGER PRIMARY KEY,
    app INTEGER NOT NULL,
    conversation INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    sender TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    nonce TEXT NOT NULL,
    mentions TEXT,
    reply_to INTEGER,
    origin TEXT,
    depth INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    changed INTEGER,
    edited_at INTEGER,
    recalled_at INTEGER,
    reacted INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX messages_by_nonce ON messages (app, nonce, sender);
CREATE INDEX messages_by_seq ON messages (conversation, seq);
CREATE INDEX messages_changed ON messages (conversation, changed) WHERE changed IS NOT NULL;

CREATE TABLE reactions (
    message INTEGER NOT NULL,
    emoji TEXT NOT NULL,
    user TEXT NOT NULL,
    cursor INTEGER NOT NULL,
    PRIMARY KEY (message, emoji, user)
) STRICT, WITHOUT ROWID;

CREATE TABLE hidden (
    app INTEGER NOT NULL,
    user TEXT NOT NULL,
    message INTEGER NOT NULL,
    cursor INTEGER NOT NULL,
    PRIMARY KEY (app, user, message)
) STRICT, WITHOUT ROWID;
CREATE INDEX hidden_lately ON hidden (app, user, cursor);

-- A removed install stays as a row, so that the revision of its name goes on growing.
CREATE TABLE installs (
    app INTEGER NOT NULL,
    name TEXT NOT NULL,
    removed INTEGER NOT NULL DEFAULT 0,
    number INTEGER NOT NULL,
    digest TEXT NOT NULL,
    uploaded_at INTEGER NOT NULL,
    previous TEXT,
    grants TEXT NOT NULL,
    config TEXT NOT NULL,
    priority INTEGER,
    reuse INTEGER NOT NULL,
    enabled INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    PRIMARY KEY (app, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE components (
    digest TEXT PRIMARY KEY,
    bytes BLOB NOT NULL
) STRICT;

CREATE TABLE kv (
    app INTEGER NOT NULL,
    plugin TEXT NOT NULL,
    key TEXT NOT NULL,
    value BLOB NOT NULL,
    version INTEGER NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (app, plugin, key)
) STRICT, WITHOUT ROWID;

-- What a piece of work has written already, until it is finished. The work of job 7 is called "j7".
CREATE TABLE effects (
    app INTEGER NOT NULL,
    call TEXT NOT NULL,
    number INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    PRIMARY KEY (app, call, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE jobs (
    id INTEGER PRIMARY KEY,
    app INTEGER NOT NULL,
    plugin TEXT NOT NULL,
    conversation INTEGER,
    message INTEGER,
    work TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    depth INTEGER NOT NULL,
    dead INTEGER NOT NULL DEFAULT 0,
    error TEXT
) STRICT;
CREATE INDEX jobs_waiting ON jobs (app, plugin, id, due_at) WHERE dead = 0;
-- Few rows at any time: a job that failed holds up the later ones of its conversation.
CREATE INDEX jobs_failed ON jobs (app, plugin, conversation, id) WHERE attempts > 0 AND dead = 0;
CREATE INDEX jobs_dead ON jobs (app, id) WHERE dead = 1;

-- Making room in a key-value space costs as much as there is to throw away, not as much as the space holds.
CREATE INDEX kv_expiring ON kv (app, plugin, expires_at) WHERE expires_at IS NOT NULL;

-- How far the one counter may have got. The writer takes numbers in blocks, and a block is durable before the first of
-- its numbers is given out, so that no number is given out twice, however the server ends: also of what leaves no row
-- behind, a finished job or an old version of a key. A start reads this one row instead of looking for the last stamp.
CREATE TABLE counter (
    reserved INTEGER NOT NULL
) STRICT;
INSERT INTO counter VALUES (0);
