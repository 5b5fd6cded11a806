-- What a project holds fixed, and consent that is taken back while it is recorded.

-- The last row of a project counts; those before it are its history. Names are compared by src/main/contract/project.ts.
CREATE TABLE project_lock (
  number INTEGER PRIMARY KEY,
  project TEXT NOT NULL,
  settings TEXT NOT NULL, -- JSON
  fixed_unix_ms REAL NOT NULL
) STRICT;

ALTER TABLE session ADD COLUMN lock TEXT; -- JSON, src/main/contract/project.ts; NULL where no project holds anything fixed

-- What was recorded before such a withdrawal holds.
ALTER TABLE consent ADD COLUMN while_recording INTEGER NOT NULL DEFAULT 0 CHECK (while_recording IN (0, 1));
