"""Great Expectations: the checks of the flights contract, over the Parquet file in pandas, failing rows named by id."""
import sys

import great_expectations as gx
import great_expectations.expectations as gxe
import pandas as pd

context = gx.get_context(mode="ephemeral")
context.variables.progress_bars = {"globally": False}
asset = context.data_sources.add_pandas("pandas").add_dataframe_asset("flights")
batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": pd.read_parquet(sys.argv[1])})
required = ["id", "year", "month", "day", "carrier", "flight", "tailnum", "origin", "dest", "time_hour", "distance"]
bounds = {"year": (2013, 2013), "month": (1, 12), "day": (1, 31), "flight": (1, 9999), "arr_delay": (-180, 1000), "distance": (50, 6000)}
suite = gx.ExpectationSuite("flights", expectations=[
    gxe.ExpectTableRowCountToBeBetween(min_value=300000, max_value=400000),
    *[gxe.ExpectColumnValuesToNotBeNull(column=name) for name in required],
    *[gxe.ExpectColumnValuesToBeBetween(column=name, min_value=low, max_value=high) for name, (low, high) in bounds.items()],
    gxe.ExpectColumnValuesToBeUnique(column="id"),
    gxe.ExpectColumnValueLengthsToEqual(column="carrier", value=2),
    gxe.ExpectColumnValueLengthsToEqual(column="dest", value=3),
    gxe.ExpectColumnValuesToMatchRegex(column="tailnum", regex="^N[0-9A-Z]{2,5}$"),
    gxe.ExpectColumnValuesToBeInSet(column="origin", value_set=["EWR", "JFK", "LGA"]),
    gxe.ExpectColumnValuesToNotBeNull(column="arr_delay", mostly=0.95),
])
results = batch.validate(suite, result_format={"result_format": "COMPLETE", "unexpected_index_column_names": ["id"]})
failed = [result for result in results.results if not result.success]
for result in failed:
    print(result.expectation_config.type, result.expectation_config.kwargs["column"], result.result["unexpected_count"], result.result["unexpected_index_list"][:3])
print(len(failed), "failed")
