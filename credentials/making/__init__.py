"""Makers of the files that credentials are: plain values and bytes in, bytes out. Nothing imports Django."""
