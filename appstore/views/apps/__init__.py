"""The pages of apps: what each signs with, what was chosen for it, and what is done where something is missing."""
