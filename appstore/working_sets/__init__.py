"""Syncing out: what a team signs with, as one zip in the shape that another tool reads.

`choosing` says what can be in it, `fitting` what a shape has no place for, `opening` is the door, and `shapes` makes
the zip.
"""
