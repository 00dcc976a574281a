"""`make chaos`: real workers, schedulers, PostgreSQL and Redis, all of which get killed while Apple misbehaves.

docs/sync-under-faults.md tells what is done and what must hold afterwards.
"""
