-- One row a flight, with every time in UTC. Everything else is as the carriers reported it.
--
-- flights.csv gives local clock times: of departure in New York, of arrival at the destination. `time_hour` is the
-- hour of the scheduled departure in UTC already. The scheduled arrival is the first moment after the scheduled
-- departure at which the destination's clock shows `sched_arr_time`; the arrival lies `arr_delay` minutes later. For
-- diverted flights, which have no `arr_delay`, it is the first moment after the departure at which the destination's
-- clock shows `arr_time`. Both ways agree on all 327,346 flights but one, in the night the clocks went back.
CREATE TABLE flight AS
WITH zone AS (
  SELECT faa AS dest, tzone FROM read_csv(getvariable('airports_csv'), header = true, all_varchar = true)
  UNION ALL
  -- Puerto Rico and the Virgin Islands are missing in airports.csv.
  SELECT unnest(['BQN', 'PSE', 'SJU', 'STT']), 'America/Puerto_Rico'
),
reported AS (
  FROM read_csv(getvariable('flights_csv'), header = true, nullstr = ['NA', ''], columns = {
    year: 'INTEGER', month: 'INTEGER', day: 'INTEGER', dep_time: 'INTEGER', sched_dep_time: 'INTEGER',
    dep_delay: 'INTEGER', arr_time: 'INTEGER', sched_arr_time: 'INTEGER', arr_delay: 'INTEGER', carrier: 'VARCHAR',
    flight: 'INTEGER', tailnum: 'VARCHAR', origin: 'VARCHAR', dest: 'VARCHAR', air_time: 'INTEGER',
    distance: 'INTEGER', hour: 'INTEGER', minute: 'INTEGER', time_hour: 'TIMESTAMP'
  })
),
departing AS (
  SELECT
    reported.*,
    zone.tzone,
    make_timestamp(year, month, day, 0, 0, 0) AS midnight,
    time_hour + to_minutes(minute) AS sched_dep,
    time_hour + to_minutes(minute + dep_delay) AS dep_at
  FROM reported JOIN zone USING (dest)
),
arriving AS (
  SELECT
    *,
    CASE
      WHEN local_moment(tzone, midnight, sched_arr_time) > sched_dep THEN local_moment(tzone, midnight, sched_arr_time)
      ELSE local_moment(tzone, midnight + INTERVAL 1 DAY, sched_arr_time)
    END AS sched_arr,
    CASE
      WHEN arr_delay IS NOT NULL THEN sched_arr + to_minutes(arr_delay)
      WHEN arr_time IS NULL THEN NULL
      WHEN local_moment(tzone, midnight, arr_time) > dep_at THEN local_moment(tzone, midnight, arr_time)
      WHEN local_moment(tzone, midnight + INTERVAL 1 DAY, arr_time) > dep_at
        THEN local_moment(tzone, midnight + INTERVAL 1 DAY, arr_time)
      ELSE local_moment(tzone, midnight + INTERVAL 2 DAY, arr_time)
    END AS arr_at
  FROM departing
)
SELECT
  format('{:04d}-{:02d}-{:02d}/{}/{}/{}/{:04d}', year, month, day, carrier, flight, origin, sched_dep_time) AS flight_id,
  carrier, flight, tailnum, origin, dest, distance, sched_dep, sched_arr, dep_delay, arr_delay, air_time, dep_at, arr_at
FROM arriving
