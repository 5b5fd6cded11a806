-- Consent that is taken back after the recording, and what is left of people who were erased.

ALTER TABLE consent ADD COLUMN withdrawn_unix_ms REAL; -- NULL while it holds

-- Proof that somebody was erased, which must not say who. Until the bytes of what was removed are overwritten, which cannot be done
-- in the transaction that removes it, "is_overwritten" is 0: then it is done when the database is opened the next time.
CREATE TABLE receipt (
  number INTEGER PRIMARY KEY,
  unix_ms REAL NOT NULL,
  sessions INTEGER NOT NULL,
  estimates INTEGER NOT NULL,
  exports INTEGER NOT NULL,
  program_version TEXT NOT NULL,
  is_overwritten INTEGER NOT NULL DEFAULT 0 CHECK (is_overwritten IN (0, 1))
) STRICT;
