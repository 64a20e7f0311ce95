-- materialized: incremental
-- description: One row a flight that was announced and has arrived, with the moment to predict at and the label.
--
-- A flight's announcement and its outcome are published by different audits when it is in the air at the audit, or when
-- a breach holds one of the two back. So the flights to look at are those of which either half is new; of these, the
-- ones that have both halves by now are appended. A flight comes up again only if one of its halves is published again,
-- which it is not: each is appended once, with the later half, whichever that is.
-- Announcements come two hours before departure and outcomes after it: no half of a touched flight is older than since.
WITH touched AS (
  SELECT flight_id, sched_dep FROM increment('flights.scheduled')
  UNION
  SELECT flight_id, sched_dep FROM increment('flights.arrived')
),
since AS (SELECT min(sched_dep) - INTERVAL 3 HOUR AS moment FROM touched)
SELECT
  flight_id, announced.carrier, announced.flight, announced.tailnum, announced.origin, announced.dest, announced.route,
  announced.sched_dep, announced.sched_arr, announced.distance,
  announced.announced_at AS q,
  outcome.dep_delay, outcome.arr_delay,
  outcome.late AS label,
  outcome.arrived_at AS label_known_at
FROM (SELECT DISTINCT flight_id FROM touched)
JOIN (FROM ref('flights_announced') WHERE announced_at >= (SELECT moment FROM since)) AS announced USING (flight_id)
JOIN (FROM ref('flight_outcomes') WHERE arrived_at >= (SELECT moment FROM since)) AS outcome USING (flight_id)
