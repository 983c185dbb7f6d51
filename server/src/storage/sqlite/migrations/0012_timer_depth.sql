-- How many plugin-made messages lay between a human's act and the call that set the timer: its runs go on from there, so
-- that plugins which answer each other by timers come to an end too.
ALTER TABLE timers ADD COLUMN depth INTEGER NOT NULL DEFAULT 0;
