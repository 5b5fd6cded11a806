-- Sessions that were made by scoring another one again from its stored outputs. NULL for those of which the networks saw the pictures.

ALTER TABLE session ADD COLUMN rescored_from TEXT; -- id of the other session, which may be gone
ALTER TABLE session ADD COLUMN rescored_root TEXT; -- id of the session of which the networks saw the pictures, which may be gone
ALTER TABLE session ADD COLUMN rescored_unix_ms REAL; -- when; created_unix_ms is when the first of them was recorded
ALTER TABLE session ADD COLUMN measured_version TEXT; -- version of the program whose networks ran
