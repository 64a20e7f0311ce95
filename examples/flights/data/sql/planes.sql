-- Changes of a table `planes` that the airports' fleet database could have kept, derived from the registry
-- (planes.csv) and from the flights, as README.md tells, in the Debezium envelope (JSON converter without schemas).
-- `op` is Debezium's; `t` stands for the tombstone after a delete.
WITH plane AS (
  FROM read_csv(getvariable('planes_csv'), header = true, nullstr = ['NA', ''], columns = {
    tailnum: 'VARCHAR', year: 'INTEGER', type: 'VARCHAR', manufacturer: 'VARCHAR', model: 'VARCHAR',
    engines: 'INTEGER', seats: 'INTEGER', speed: 'INTEGER', engine: 'VARCHAR'
  })
),
usage AS (SELECT tailnum, carrier, flight_id, sched_dep, dep_at FROM flight SEMI JOIN plane USING (tailnum)),
life AS (
  SELECT
    tailnum,
    arg_min(carrier, (sched_dep, flight_id)) AS first_operator,
    min(sched_dep) < TIMESTAMP '2013-01-15' AS known_at_start,
    CASE WHEN known_at_start THEN TIMESTAMP '2013-01-01' ELSE min(sched_dep) - INTERVAL 2 HOUR END AS created_at,
    CASE WHEN max(sched_dep) + INTERVAL 30 DAY < TIMESTAMP '2013-12-01' THEN max(sched_dep) + INTERVAL 30 DAY END
      AS deleted_at
  FROM usage
  GROUP BY tailnum
),
month_end AS (
  SELECT unnest(generate_series(TIMESTAMP '2013-02-01', TIMESTAMP '2014-01-01', INTERVAL 1 MONTH)) AS changed_at
),
month_row AS (
  SELECT
    tailnum, changed_at,
    count(*) AS departures,
    arg_max(carrier, (usage.sched_dep, usage.flight_id)) AS operator
  FROM usage JOIN life USING (tailnum) JOIN month_end ON month_end.changed_at > life.created_at
  WHERE usage.dep_at < month_end.changed_at AND (life.deleted_at IS NULL OR month_end.changed_at < life.deleted_at)
  GROUP BY tailnum, changed_at
),
row_version AS (
  SELECT
    tailnum,
    CASE WHEN known_at_start THEN 'r' ELSE 'c' END AS op,
    created_at AS changed_at,
    0 AS departures,
    first_operator AS operator
  FROM life
  UNION ALL
  SELECT tailnum, 'u', changed_at, departures, operator FROM month_row
),
compared AS (
  SELECT
    *,
    lag(departures) OVER earlier AS departures_before,
    lag(operator) OVER earlier AS operator_before
  FROM row_version
  WINDOW earlier AS (PARTITION BY tailnum ORDER BY changed_at)
),
written AS (
  SELECT *, lag(changed_at) OVER (PARTITION BY tailnum ORDER BY changed_at) AS changed_at_before
  FROM compared
  WHERE op <> 'u' OR departures <> departures_before OR operator <> operator_before
),
newest AS (
  SELECT
    tailnum,
    max(changed_at) AS changed_at,
    arg_max(departures, changed_at) AS departures,
    arg_max(operator, changed_at) AS operator
  FROM written
  GROUP BY tailnum
),
change AS (
  SELECT tailnum, op, changed_at, operator, departures, operator_before, departures_before, changed_at_before
  FROM written
  UNION ALL
  SELECT tailnum, unnest(['d', 't']), deleted_at, NULL, NULL, operator, departures, newest.changed_at
  FROM newest JOIN life USING (tailnum)
  WHERE deleted_at IS NOT NULL
),
imaged AS (
  SELECT
    change.*,
    json_of({
      tailnum: tailnum, year: year, type: type, manufacturer: manufacturer, model: model, engines: engines,
      seats: seats, engine: engine, operator: operator, departures: departures, updated_at: iso(changed_at)
    }) AS image,
    json_of({
      tailnum: tailnum, year: year, type: type, manufacturer: manufacturer, model: model, engines: engines,
      seats: seats, engine: engine, operator: operator_before, departures: departures_before,
      updated_at: iso(changed_at_before)
    }) AS image_before
  FROM change JOIN plane USING (tailnum)
)
SELECT
  changed_at AS sent_at,
  -- A tombstone follows its delete.
  tailnum || CASE op WHEN 't' THEN ' t' ELSE '' END AS order_key,
  tailnum AS record_key,
  CASE WHEN op <> 't' THEN json_object(
    'before', CASE WHEN op IN ('u', 'd') THEN image_before END,
    'after', CASE WHEN op <> 'd' THEN image END,
    'source', json_object(
      'version', '3.3.1.Final', 'connector', 'postgresql', 'name', 'fleet', 'ts_ms', epoch_ms(changed_at),
      'snapshot', CASE op WHEN 'r' THEN 'true' ELSE 'false' END, 'db', 'fleet', 'schema', 'public', 'table', 'planes'
    ),
    'op', op,
    'ts_ms', epoch_ms(changed_at)
  ) END AS event
FROM imaged
