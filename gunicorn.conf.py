"""How gunicorn serves CredHub. Read by itself when started from here; `manage.py up` passes the rest."""

logger_class = "credhub.gunicorn_log.GunicornLog"
worker_class = "gthread"
timeout = 60
graceful_timeout = 10
loglevel = "warning"
# An address of ours is short, and headers carry no more than a session and an identity provider's answer.
limit_request_line = 4094
limit_request_fields = 60
limit_request_field_size = 8190
