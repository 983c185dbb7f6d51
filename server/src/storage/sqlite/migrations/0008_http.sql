-- The hosts a plugin may ask: a JSON list of texts.
ALTER TABLE installs ADD COLUMN http_hosts TEXT NOT NULL DEFAULT '[]';
