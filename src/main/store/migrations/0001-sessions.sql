-- Sessions: what was recorded of whom, with what, and every number that came out.
-- Times are milliseconds; "unix" marks wall-clock time, anything else is the source's own clock.

PRAGMA application_id = 0x4d69656e; -- "Mien" in the header of the file

CREATE TABLE session (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  code TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('recording', 'complete', 'interrupted')),
  source TEXT NOT NULL,
  source_sha256 TEXT NOT NULL,
  profile_hash TEXT NOT NULL,
  consent_kind TEXT NOT NULL CHECK (consent_kind IN ('external', 'file')),
  consent_form TEXT,
  identification INTEGER NOT NULL CHECK (identification IN (0, 1)),
  program_version TEXT NOT NULL,
  first_frame_unix_ms REAL,
  created_unix_ms REAL NOT NULL,
  ended_unix_ms REAL,
  writer_pid INTEGER,
  problems TEXT NOT NULL DEFAULT '[]',
  analysed_fps REAL
) STRICT;

CREATE INDEX session_repeats ON session (source_sha256, profile_hash);

-- The whole profile and the models as they were, so that a session explains itself.
CREATE TABLE session_profile (
  session INTEGER PRIMARY KEY REFERENCES session ON DELETE CASCADE,
  profile TEXT NOT NULL,
  models TEXT NOT NULL
) STRICT;

CREATE TABLE participant (
  session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
  code TEXT NOT NULL,
  PRIMARY KEY (session, code)
) STRICT, WITHOUT ROWID;

CREATE TABLE consent (
  session INTEGER NOT NULL,
  participant TEXT NOT NULL,
  scope TEXT NOT NULL CHECK (scope IN ('analysis', 'identification', 'video', 'sharing')),
  given_at TEXT,
  PRIMARY KEY (session, participant, scope),
  FOREIGN KEY (session, participant) REFERENCES participant (session, code) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE person (
  session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
  id INTEGER NOT NULL,
  participant TEXT,
  PRIMARY KEY (session, id)
) STRICT, WITHOUT ROWID;

-- A stretch of one face's track that belongs to one person (core/identity.ts).
CREATE TABLE segment (
  session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
  id INTEGER NOT NULL,
  track INTEGER NOT NULL,
  first_sequence INTEGER NOT NULL,
  last_sequence INTEGER NOT NULL,
  person INTEGER,
  source TEXT NOT NULL CHECK (source IN ('manual', 'track', 'embedding')),
  confidence REAL NOT NULL,
  PRIMARY KEY (session, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE frame (
  session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
  sequence INTEGER NOT NULL,
  time_ms REAL,
  dropped_before INTEGER NOT NULL,
  searched INTEGER NOT NULL CHECK (searched IN (0, 1)),
  name TEXT,
  PRIMARY KEY (session, sequence)
) STRICT, WITHOUT ROWID;

-- One face in one frame. "numbers" holds float32 values; src/main/store/face-codec.ts says which.
CREATE TABLE estimate (
  session INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  segment INTEGER NOT NULL,
  reason TEXT,
  numbers BLOB NOT NULL,
  PRIMARY KEY (session, sequence, segment),
  FOREIGN KEY (session, sequence) REFERENCES frame (session, sequence) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Files that were written from a session, for whoever must find them again.
CREATE TABLE export (
  session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
  path TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  written_unix_ms REAL NOT NULL
) STRICT;

CREATE TABLE audit (
  unix_ms REAL NOT NULL,
  session TEXT,
  action TEXT NOT NULL,
  detail TEXT
) STRICT;
