"""Whether this process is alive, and whether it can serve: for load balancers and supervisors."""

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse

from appstore import liveness
from credentials import keyring
from credentials.keys.errors import MasterKeyError


def alive(_request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


def ready(_request: HttpRequest) -> JsonResponse:
    """503 with the names of the checks that fail; no detail that helps a stranger.

    Pages are served without a worker, so one that is away makes the answer `degraded` and no 503.
    """
    checks = {"database": _database(), "master_keys": _master_keys()}
    is_ready = all(checks.values())
    checks["worker"] = is_ready and liveness.workers_work()
    status = "unavailable" if not is_ready else "ok" if checks["worker"] else "degraded"
    return JsonResponse({"status": status, "checks": checks}, status=200 if is_ready else 503)


def _database() -> bool:
    """It answers and every migration has run."""
    try:
        executor = MigrationExecutor(connection)
        return not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return False


def _master_keys() -> bool:
    try:
        keyring.configured()
    except MasterKeyError:
        return False
    return True
