-- Timelines made ready to be looked at from every distance. They follow from the other tables, and are made again from these whenever
-- they are missing.

-- AUTOINCREMENT: a number is never used again, so that whoever still makes levels that were removed meanwhile finds no place for them.
CREATE TABLE level_set (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
  writer_pid INTEGER, -- who makes them; NULL when nobody does any more
  fingerprint BLOB, -- of what they were made from; NULL until they are complete
  start_seconds REAL,
  end_seconds REAL
) STRICT;

CREATE INDEX level_set_session ON level_set (session);

-- "sums" and "data" hold the memory of src/main/core/level-sums.ts (finest level only) and src/main/core/level-chunk.ts.
CREATE TABLE level_chunk (
  level_set INTEGER NOT NULL REFERENCES level_set ON DELETE CASCADE,
  person INTEGER NOT NULL,
  level INTEGER NOT NULL,
  chunk INTEGER NOT NULL,
  start_seconds REAL NOT NULL,
  steps INTEGER NOT NULL,
  sums BLOB,
  data BLOB NOT NULL,
  PRIMARY KEY (level_set, person, level, chunk)
) STRICT;
