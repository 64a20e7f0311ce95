"""Trains a LightGBM classifier and exports it to ONNX: what the steps train and train_control share.

Inputs:  train (Parquet of a training set), features (names in order)
Params:  rounds
Outputs: model (ONNX; one float tensor [rows, features] in, probabilities out)
"""

from __future__ import annotations

import re
import sys

# LightGBM and onnxmltools import these where they are installed, for interfaces that this step does not use; without
# them a fresh process starts in a third of the time.
for unused in ("pandas", "sklearn", "pyarrow", "dask", "matplotlib"):
    sys.modules[unused] = None

import duckdb  # noqa: E402
import lightgbm  # noqa: E402
import numpy  # noqa: E402
import onnxmltools  # noqa: E402
from covenant_steps import Step  # noqa: E402
from onnxmltools.convert.common.data_types import FloatTensorType  # noqa: E402

PARAMETERS = {
    "objective": "binary",
    "num_leaves": 31,
    "learning_rate": 0.1,
    "min_data_in_leaf": 200,
    "feature_fraction": 0.5,
    "lambda_l2": 5,
    "max_bin": 127,
    "deterministic": True,
    "force_row_wise": True,
    "seed": 7,
    "num_threads": 1,
    "verbosity": -1,
}


def read(path: str, features: list[str], newest: int | None) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Feature matrix (float32, rows x features, missing is NaN) and label (0 or 1), oldest row first."""
    columns = ", ".join(f'"{name}"::FLOAT AS "{name}"' for name in features)
    chosen = "" if newest is None else f"ORDER BY q DESC, flight_id DESC LIMIT {newest}"
    rows = duckdb.execute(
        f"SELECT {columns}, label::INTEGER AS label "
        f"FROM (SELECT * FROM read_parquet(?) {chosen}) ORDER BY q, flight_id",
        [path],
    ).fetchnumpy()
    matrix = numpy.column_stack([numpy.ma.filled(rows[name].astype("float32"), numpy.nan) for name in features])
    return matrix, numpy.asarray(rows["label"], dtype="int32")


def with_float32_thresholds(booster: lightgbm.Booster) -> lightgbm.Booster:
    """The same trees with thresholds that float32 can hold.

    ONNX compares in float32. A threshold that is rounded up there would send values equal to it to the other side, so
    each is replaced by the greatest float32 that is not above it: for float32 inputs that changes no decision.
    """

    def floor(match: re.Match) -> str:
        values = []
        for text in match.group(1).split():
            exact = float(text)
            near = numpy.float32(exact)
            values.append(repr(float(near if float(near) <= exact else numpy.nextafter(near, numpy.float32("-inf")))))
        return "threshold=" + " ".join(values)

    text = re.sub(r"^threshold=(.*)$", floor, booster.model_to_string(), flags=re.M)
    return lightgbm.Booster(model_str=re.sub(r"^tree_sizes=.*\n", "", text, flags=re.M))


def train(step: Step, newest: int | None = None) -> None:
    """Trains on the step's input `train`, or on its `newest` rows only, and writes the output `model`."""
    features = step.input("features")
    matrix, label = read(step.input("train"), features, newest)
    data = lightgbm.Dataset(matrix, label)
    booster = with_float32_thresholds(lightgbm.train(PARAMETERS, data, int(step.param("rounds"))))
    onnx = onnxmltools.convert_lightgbm(
        booster,
        name="delay",  # the standard name is random, and equal training must give an equal file
        initial_types=[("features", FloatTensorType([None, len(features)]))],
        zipmap=False,
    )
    with open(step.output("model"), "wb") as file:
        file.write(onnx.SerializeToString())
    step.metric(f"{step.name}_rows", len(label))
    step.metric(f"{step.name}_late_share", float(label.mean()))
    step.done()
