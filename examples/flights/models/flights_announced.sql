-- materialized: incremental
-- description: One row a flight that was announced, with the moment to predict its delay at.
SELECT
  flight_id, carrier, flight, tailnum, origin, dest,
  origin || '-' || dest AS route,
  sched_dep, sched_arr, distance,
  _timestamp AS announced_at
FROM increment('flights.scheduled')
