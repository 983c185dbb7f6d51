-- Words of messages, by the message's id: of the conversation ("c7") and of its text, as the server splits it. The text
-- itself is not kept twice. A background writer fills it, so that sending pays nothing for it.
CREATE VIRTUAL TABLE message_words USING fts5 (
    place, words, content = '', contentless_delete = 1, tokenize = 'ascii'
);

-- Messages up to this id have been looked at.
CREATE TABLE search_state (
    indexed INTEGER NOT NULL
) STRICT;
INSERT INTO search_state VALUES (0);
