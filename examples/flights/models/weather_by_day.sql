-- materialized: view
-- description: The weather of each station and day (UTC), beside the number of hours that it reported.
SELECT
  origin,
  observed_at::DATE AS day,
  count(*) AS hours,
  round(avg(temp), 1) AS mean_temp_fahrenheit,
  max(wind_speed) AS max_wind_mph,
  sum(precip) AS precip_inches,
  min(visib) AS min_visib_miles
FROM source('weather.observed')
GROUP BY ALL
ORDER BY origin, day
