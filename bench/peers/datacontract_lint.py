"""Lints all the contracts of a folder in one process, as datacontract-cli does one by one, and prints how many passed."""

import glob
import sys

from datacontract.data_contract import DataContract

files = sorted(glob.glob(f"{sys.argv[1]}/*.odcs.yaml"))
runs = [DataContract(data_contract_file=file).lint() for file in files]
print(sum(run.result.value == "passed" for run in runs), "passed")
