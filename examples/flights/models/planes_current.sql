-- materialized: view
-- description: The planes in the fleet database: the newest change of each tail number that is not deleted.
SELECT * EXCLUDE (change, source_at, position)
FROM ref('plane_changes')
QUALIFY row_number() OVER (PARTITION BY tailnum ORDER BY source_at DESC, position DESC) = 1 AND change <> 'd'
