-- A timer's row says when its next run is due. The run itself is a job, named here until it is finished: no run is taken
-- while the one before is under way. A timer that is over goes with its last run.
CREATE TABLE timers (
    id INTEGER PRIMARY KEY,
    app INTEGER NOT NULL,
    plugin TEXT NOT NULL,
    name TEXT NOT NULL,
    first_at INTEGER NOT NULL,
    every INTEGER,
    runs INTEGER,
    payload TEXT NOT NULL,
    taken INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER NOT NULL,
    over INTEGER NOT NULL DEFAULT 0,
    job INTEGER
) STRICT;
CREATE UNIQUE INDEX timers_by_name ON timers (app, plugin, name);
CREATE INDEX timers_due ON timers (app, plugin, next_at) WHERE job IS NULL;
CREATE INDEX timers_running ON timers (job) WHERE job IS NOT NULL;

-- Requests that wait to be sent, those of one target in order of id, and those that were given up.
CREATE TABLE webhooks (
    id INTEGER PRIMARY KEY,
    app INTEGER NOT NULL,
    plugin TEXT NOT NULL,
    target TEXT NOT NULL,
    delivery TEXT NOT NULL,
    url TEXT NOT NULL,
    headers TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    dead INTEGER NOT NULL DEFAULT 0,
    error TEXT
) STRICT;
CREATE UNIQUE INDEX webhooks_by_delivery ON webhooks (app, delivery);
CREATE INDEX webhooks_waiting ON webhooks (app, plugin, target, id) WHERE dead = 0;
CREATE INDEX webhooks_dead ON webhooks (app, plugin, id) WHERE dead = 1;
CREATE INDEX webhooks_of_app ON webhooks (app, dead, id);
