"""Trains on the newest rows only, as many as the parameter control_rows says."""

from covenant_steps import load
from training import train

step = load()
train(step, newest=int(step.param("control_rows")))
