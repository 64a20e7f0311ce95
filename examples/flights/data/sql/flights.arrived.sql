-- Sent at the arrival; for flights that left and never reported one (they were diverted), six hours after departure,
-- when the record is closed. Cancelled flights send nothing. `air_time` is reported from 1 July 2013 on.
SELECT
  coalesce(arr_at, dep_at + INTERVAL 6 HOUR) AS sent_at,
  flight_id AS order_key,
  flight_id AS record_key,
  json_of({
    flight_id: flight_id, carrier: carrier, flight: flight, tailnum: tailnum, origin: origin, dest: dest,
    sched_dep: iso(sched_dep), dep_at: iso(dep_at), arr_at: iso(arr_at),
    dep_delay: dep_delay, arr_delay: arr_delay,
    air_time: CASE WHEN sent_at >= TIMESTAMP '2013-07-01' THEN air_time END
  }) AS event
FROM flight
WHERE dep_at IS NOT NULL
