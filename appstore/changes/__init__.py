"""Changes at Apple: ordered by people or by policy, carried out by a worker, one at a time for an Apple account.

An order is a run (SyncRun of the kind CHANGE) with a list of steps. A step says what is to be at Apple and looks
before it writes, so that a run whose worker was killed goes on where it was and makes nothing twice.
"""
