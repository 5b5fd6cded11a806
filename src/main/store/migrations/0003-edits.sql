-- Corrections by hand. They change nothing that was recorded: src/main/core/edits.ts applies them when a session is read.

CREATE TABLE edit (
  session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
  number INTEGER NOT NULL,
  unix_ms REAL NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('rename', 'merge', 'split', 'add_marker', 'change_marker', 'remove_marker')),
  detail TEXT NOT NULL, -- JSON: what the kind needs
  who TEXT NOT NULL,
  why TEXT NOT NULL,
  undone INTEGER NOT NULL DEFAULT 0 CHECK (undone IN (0, 1)),
  PRIMARY KEY (session, number)
) STRICT, WITHOUT ROWID;

-- The last one of a session counts; those before it are its history.
CREATE TABLE note (
  session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
  unix_ms REAL NOT NULL,
  text TEXT NOT NULL
) STRICT;

CREATE INDEX note_session ON note (session);
