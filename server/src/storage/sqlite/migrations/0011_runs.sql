-- What commands that users type have come to: the way back to their answer when a message is sent again. A run without
-- an outcome has begun. What a run has written is remembered in `effects` as long as it is here.
CREATE TABLE runs (
    app INTEGER NOT NULL,
    call TEXT NOT NULL,
    outcome TEXT,
    begun_at INTEGER NOT NULL,
    PRIMARY KEY (app, call)
) STRICT, WITHOUT ROWID;
CREATE INDEX runs_begun ON runs (begun_at);
