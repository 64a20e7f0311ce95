-- materialized: view
-- description: How punctual each carrier was, month by month (UTC).
SELECT
  carrier,
  date_trunc('month', arrived_at)::DATE AS month,
  count(*) AS flights,
  round(100.0 * avg(late::INTEGER), 1) AS late_percent,
  round(avg(arr_delay), 1) AS mean_delay_minutes,
  median(arr_delay) AS median_delay_minutes
FROM ref('flight_outcomes')
GROUP BY ALL
ORDER BY carrier, month
