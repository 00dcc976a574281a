"""Migrating in: what was uploaded is read by a run, shown to people, and stored by another run.

`uploading` and `expiring` are the door and the clock, `reading` and `storing` the two runs (`perform`), `finding` reads
an archive, `comparing` puts what it found beside what is here and at Apple.
"""
