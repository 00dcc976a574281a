"""Writes: what a request may make, change or take away, and Apple's refusals."""
