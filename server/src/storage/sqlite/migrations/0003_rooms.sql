-- What rooms have beside name and members: who made them, announcements, and what each member has chosen for itself.

ALTER TABLE conversations ADD COLUMN creator TEXT;
ALTER TABLE conversations ADD COLUMN members_invite INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN updated_at INTEGER;
-- Until now whoever made one owned it; who made those that were handed over is not known any more.
UPDATE conversations SET creator = owner;
CREATE INDEX conversations_of_app ON conversations (app, id) WHERE dissolved IS NULL;
CREATE INDEX conversations_of_creator ON conversations (app, creator, id) WHERE dissolved IS NULL;

-- A member sees no message up to "cleared".
ALTER TABLE members ADD COLUMN pinned_at INTEGER;
ALTER TABLE members ADD COLUMN rank INTEGER NOT NULL DEFAULT 0;
ALTER TABLE members ADD COLUMN do_not_disturb INTEGER NOT NULL DEFAULT 0;
ALTER TABLE members ADD COLUMN cleared INTEGER NOT NULL DEFAULT 0;

-- The id is the stamp of its making: the greatest is the newest.
CREATE TABLE notices (
    id INTEGER PRIMARY KEY,
    app INTEGER NOT NULL,
    conversation INTEGER NOT NULL,
    text TEXT NOT NULL,
    by TEXT,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX notices_of_conversation ON notices (conversation, id);
