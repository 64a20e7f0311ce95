-- materialized: table
-- description: The planes in the fleet database: the newest change of each tail number that is not deleted.
SELECT
  tailnum, year AS built, type, manufacturer, model, engines, seats, engine, operator, departures,
  _timestamp AS changed_at
FROM source('planes')
WHERE _op <> 't'
QUALIFY row_number() OVER (PARTITION BY tailnum ORDER BY _source_ts DESC, _offset DESC) = 1 AND _op <> 'd'
