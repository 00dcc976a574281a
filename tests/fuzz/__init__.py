"""Hostile files by the million: `python -m tests.fuzz --count 1000000 --seed 1` (`make fuzz`)."""
