"""Soda 3: the checks of the flights contract as SodaCL, over a view of the Parquet file. It counts, and names no rows."""
import sys

import duckdb
from soda.scan import Scan

CHECKS = """
checks for flights:
  - row_count between 300000 and 400000
  - missing_count(id) = 0
  - duplicate_count(id) = 0
  - missing_count(year) = 0
  - invalid_count(year) = 0:
      valid min: 2013
      valid max: 2013
  - missing_count(month) = 0
  - invalid_count(month) = 0:
      valid min: 1
      valid max: 12
  - missing_count(day) = 0
  - invalid_count(day) = 0:
      valid min: 1
      valid max: 31
  - missing_count(carrier) = 0
  - invalid_count(carrier) = 0:
      valid length: 2
  - missing_count(flight) = 0
  - invalid_count(flight) = 0:
      valid min: 1
      valid max: 9999
  - missing_count(tailnum) = 0
  - invalid_count(tailnum) = 0:
      valid regex: ^N[0-9A-Z]{2,5}$
  - missing_count(origin) = 0
  - invalid_count(origin) = 0:
      valid values: [EWR, JFK, LGA]
  - missing_count(dest) = 0
  - invalid_count(dest) = 0:
      valid length: 3
  - missing_count(time_hour) = 0
  - invalid_count(arr_delay) = 0:
      valid min: -180
      valid max: 1000
  - missing_percent(arr_delay) < 5
  - missing_count(distance) = 0
  - invalid_count(distance) = 0:
      valid min: 50
      valid max: 6000
"""

connection = duckdb.connect(":memory:")
connection.execute(f"CREATE VIEW flights AS SELECT * FROM read_parquet('{sys.argv[1]}')")
scan = Scan()
scan.disable_telemetry()
scan.add_duckdb_connection(connection)
scan.set_data_source_name("duckdb")
scan.add_sodacl_yaml_str(CHECKS)
scan.execute()
print("\n".join(str(check) for check in scan.get_checks_fail()))
print(len(scan.get_checks_fail()), "failed")
