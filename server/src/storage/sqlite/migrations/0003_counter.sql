-- How far the one counter may have got. The writer takes numbers in blocks, and a block is durable before the first of
-- its numbers is given out, so that no number is given out twice, however the server ends: also of what leaves no row
-- behind, a finished job or an old version of a key. A start reads this one row instead of looking for the last stamp.
CREATE TABLE counter (
    reserved INTEGER NOT NULL
) STRICT;
INSERT INTO counter SELECT max(
    coalesce((SELECT max(id) FROM messages), 0),
    coalesce((SELECT max(changed) FROM messages WHERE changed IS NOT NULL), 0),
    coalesce((SELECT max(changed) FROM conversations), 0),
    coalesce((SELECT max(dissolved) FROM conversations), 0),
    coalesce((SELECT max(max(joined, coalesce(left, 0))) FROM members), 0),
    coalesce((SELECT max(cursor) FROM hidden), 0),
    coalesce((SELECT max(id) FROM jobs), 0),
    coalesce((SELECT max(version) FROM kv), 0)
);
