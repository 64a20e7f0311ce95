-- materialized: incremental
-- description: One row a reading that kept its contract and passed its audit.
SELECT reading_id, station, celsius, celsius < 0 AS freezing, _timestamp AS known_at
FROM increment('station.readings')
