"""Trains on all rows of the training set."""

from covenant_steps import load
from training import train

train(load())
