"""Learns one threshold: halfway between the means of the two classes."""

import duckdb

import covenant_steps
from threshold import halfway

step = covenant_steps.load()
means = duckdb.sql(f"SELECT avg(x) FROM read_parquet('{step.input('train')}') GROUP BY label ORDER BY label").fetchall()
threshold = halfway(*(mean for (mean,) in means)) + step.param("shift")
with open(step.output("model"), "w", encoding="utf-8") as file:
    file.write(f'{{"threshold": {threshold:.6f}}}')
step.value("summary", {"threshold": round(threshold, 6)})
step.metric("train_threshold", round(threshold, 6))
step.done()
