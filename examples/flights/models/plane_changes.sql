-- materialized: incremental
-- description: Every change of the fleet database, as it was told; a deletion has the last row with it.
SELECT
  tailnum, year AS built, type, manufacturer, model, engines, seats, engine, operator, departures,
  _op AS change, _source_ts AS source_at, _timestamp AS changed_at, _offset AS position
FROM increment('planes')
WHERE _op <> 't'
