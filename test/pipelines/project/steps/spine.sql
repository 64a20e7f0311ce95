-- Made-up rows in place of a feature store: $rows of them, one an hour, up to the moment of the run.
SELECT
  id,
  $as_of - to_hours(id::INTEGER) AS q,
  $as_of - to_hours(id::INTEGER + 1) AS known_at,
  hash(id) % 1000 / 1000.0 AS x,
  CASE WHEN id % 3 = 0 THEN 'A' ELSE 'B' END AS part,
  (hash(id) % 1000 / 1000.0 > 0.6)::INTEGER AS label
FROM range($rows) AS generated (id)
