-- Sent two hours before the scheduled departure, for every flight, also for those that are cancelled later.
SELECT
  sched_dep - INTERVAL 2 HOUR AS sent_at,
  flight_id AS order_key,
  flight_id AS record_key,
  json_of({
    flight_id: flight_id, carrier: carrier, flight: flight, tailnum: tailnum, origin: origin, dest: dest,
    announced_at: iso(sched_dep - INTERVAL 2 HOUR), sched_dep: iso(sched_dep), sched_arr: iso(sched_arr),
    distance: distance
  }) AS event
FROM flight
