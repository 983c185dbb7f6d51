-- Who has a component: what nobody has any more is removed.
CREATE INDEX installs_by_digest ON installs (digest) WHERE removed = 0;
CREATE INDEX installs_by_previous ON installs (json_extract(previous, '$[1]')) WHERE removed = 0 AND previous IS NOT NULL;
CREATE INDEX installs_by_canary ON installs (json_extract(canary, '$[1]')) WHERE removed = 0 AND canary IS NOT NULL;
