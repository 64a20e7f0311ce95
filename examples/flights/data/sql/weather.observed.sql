-- Sent at the full hour that the observation is for, by each of the three stations.
SELECT
  time_hour AS sent_at,
  origin AS order_key,
  origin AS record_key,
  json_of({
    origin: origin, observed_at: iso(time_hour), temp: temp, dewp: dewp, humid: humid,
    wind_dir: wind_dir, wind_speed: wind_speed, wind_gust: wind_gust,
    precip: precip, pressure: pressure, visib: visib
  }) AS event
FROM read_csv(getvariable('weather_csv'), header = true, nullstr = ['NA', ''], columns = {
  origin: 'VARCHAR', year: 'INTEGER', month: 'INTEGER', day: 'INTEGER', hour: 'INTEGER', temp: 'DOUBLE',
  dewp: 'DOUBLE', humid: 'DOUBLE', wind_dir: 'INTEGER', wind_speed: 'DOUBLE', wind_gust: 'DOUBLE',
  precip: 'DOUBLE', pressure: 'DOUBLE', visib: 'DOUBLE', time_hour: 'TIMESTAMP'
})
