-- materialized: incremental
-- description: One row a flight that arrived: its delays, whether it was late, and since when that was known.
SELECT
  flight_id, carrier, flight, tailnum, origin, dest,
  origin || '-' || dest AS route,
  sched_dep, dep_at, arr_at, dep_delay, arr_delay,
  arr_delay > 15 AS late,
  _timestamp AS arrived_at
FROM increment('flights.arrived')
