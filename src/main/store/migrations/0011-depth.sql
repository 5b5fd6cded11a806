-- What depth says of a face. All NULL without a depth sensor.

ALTER TABLE estimate ADD COLUMN depth_verdict TEXT; -- accept, flat, size, in_plane, unknown
ALTER TABLE estimate ADD COLUMN distance_mm REAL;
ALTER TABLE estimate ADD COLUMN width_mm REAL;

-- The few that a reader wants to have listed.
CREATE INDEX estimate_rejected ON estimate (session, segment) WHERE reason = 'depth_rejected';
