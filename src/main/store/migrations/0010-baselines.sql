-- A stretch of a person may be marked as neutral by hand. SQLite can only change the list of kinds by making the table anew.

CREATE TABLE edit_with_baselines (
  session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
  number INTEGER NOT NULL,
  unix_ms REAL NOT NULL,
  kind TEXT NOT NULL CHECK (
    kind IN ('rename', 'merge', 'split', 'baseline', 'add_marker', 'change_marker', 'remove_marker')
  ),
  detail TEXT NOT NULL, -- JSON: what the kind needs
  who TEXT NOT NULL,
  why TEXT NOT NULL,
  undone INTEGER NOT NULL DEFAULT 0 CHECK (undone IN (0, 1)),
  PRIMARY KEY (session, number)
) STRICT, WITHOUT ROWID;

INSERT INTO edit_with_baselines (session, number, unix_ms, kind, detail, who, why, undone)
  SELECT session, number, unix_ms, kind, detail, who, why, undone FROM edit;

DROP TABLE edit;

ALTER TABLE edit_with_baselines RENAME TO edit;
