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
  flight_id, announced.carrier, announced.flight, announced.tailnum, announced.origin, announced.dest, announced.route,
  announced.sched_dep, announced.sched_arr, announced.distance,
  announced.announced_at AS q,
  outcome.dep_delay, outcome.arr_delay,
  outcome.late AS label,
  outcome.arrived_at AS label_known_at
FROM touched
JOIN ref('flights_announced') AS announced USING (flight_id)
JOIN ref('flight_outcomes') AS outcome USING (flight_id)
