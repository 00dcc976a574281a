"""The invariants: each check takes what was found and returns a line for everything that is broken."""
