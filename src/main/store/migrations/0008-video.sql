-- The video of a session. Its file is named after the session's id.

-- 'open': it is being written, or broke off. 'owed': it must go, but its file may still be there; it is removed when the database is
-- opened the next time.
CREATE TABLE video (
  session INTEGER PRIMARY KEY REFERENCES session ON DELETE CASCADE,
  state TEXT NOT NULL CHECK (state IN ('open', 'kept', 'owed', 'removed')),
  codec TEXT NOT NULL,
  width INTEGER,
  height INTEGER,
  frames INTEGER,
  left_out INTEGER, -- NULL where it broke off
  masked INTEGER, -- NULL where it broke off
  bytes INTEGER,
  reason TEXT CHECK (reason IN ('withdrawn', 'erased', 'empty')),
  removed_unix_ms REAL
) STRICT;
