-- What override and rules made of an estimate. Both NULL where none fired: then it is as it was fused.

ALTER TABLE estimate ADD COLUMN refined BLOB; -- eight float32 values
ALTER TABLE estimate ADD COLUMN fired TEXT; -- their names in the order in which they fired, with spaces between
