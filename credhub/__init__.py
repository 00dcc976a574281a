from credhub.process_hardening import harden

harden()  # before anything of ours is in memory

from credhub.celery import app as celery_app  # noqa: E402

__all__ = ["celery_app"]
