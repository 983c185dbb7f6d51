-- Making room in a key-value space costs as much as there is to throw away, not as much as the space holds.
CREATE INDEX kv_expiring ON kv (app, plugin, expires_at) WHERE expires_at IS NOT NULL;
