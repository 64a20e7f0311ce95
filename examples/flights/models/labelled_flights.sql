-- materialized: incremental
-- description: One row a flight that was announced and has arrived, with the moment to predict at and the label.
--
-- A flight's announcement and its outcome are published by different audits when it is in the air at the audit, or when
-- a breach holds one of the two back. So the flights to look at are those of which either half is new; of these, the
-- ones that have both halves by now are appended. A flight comes up again only if one of its halves is published again,
-- which it is not: each is appended once, with the later half, whichever that is.
WITH touched AS (
  SELECT flight_id FROM increment('flights.scheduled')
  UNION
  SELECT flight_id FROM increment('flights.arrived')
)
SELECT
  flight_id, scheduled.carrier, scheduled.flight, scheduled.tailnum, scheduled.origin, scheduled.dest,
  scheduled.origin || '-' || scheduled.dest AS route,
  scheduled.sched_dep, scheduled.sched_arr, scheduled.distance,
  scheduled._timestamp AS q,
  arrived.dep_delay, arrived.arr_delay,
  arrived.arr_delay > 15 AS label,
  arrived._timestamp AS label_known_at
FROM touched
JOIN source('flights.scheduled') AS scheduled USING (flight_id)
JOIN source('flights.arrived') AS arrived USING (flight_id)
