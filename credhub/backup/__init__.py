"""Backup and restore: one sealed file with everything that a CredHub has in its database (docs/decisions/0011)."""
