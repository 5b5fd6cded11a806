-- Live recording: rows instead of silence, what happened meanwhile, the two clocks, and what the recording is for.

ALTER TABLE session ADD COLUMN setup TEXT; -- JSON, src/main/contract/setup.ts
ALTER TABLE participant ADD COLUMN details TEXT; -- JSON: what a consent file says beyond scopes and given_at
ALTER TABLE frame ADD COLUMN gap TEXT CHECK (gap IN ('dropped', 'paused', 'source_gap')); -- NULL for a captured frame

CREATE TABLE marker (
  session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
  id TEXT NOT NULL,
  time_ms REAL NOT NULL,
  label TEXT NOT NULL,
  PRIMARY KEY (session, id)
) STRICT, WITHOUT ROWID;

-- Two can happen at one moment: they are told apart by the order in which they came.
CREATE TABLE event (
  session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
  time_ms REAL NOT NULL,
  kind TEXT NOT NULL,
  detail TEXT
) STRICT;

CREATE INDEX event_time ON event (session, time_ms);

CREATE TABLE clock (
  session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
  time_ms REAL NOT NULL,
  unix_ms REAL NOT NULL
) STRICT;

CREATE INDEX clock_time ON clock (session, time_ms);
