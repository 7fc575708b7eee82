"""Is the process alive, and is everything it needs there? For proxies and people; names parts, never addresses."""

import redis
from django.conf import settings
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

SECONDS = 1


@never_cache
@require_safe
def healthz(request) -> HttpResponse:
    """200 as long as this process answers."""
    return HttpResponse("ok", content_type="text/plain")


@never_cache
@require_safe
def readyz(request) -> JsonResponse:
    """200 when database, migrations and Redis are there, else 503 with the names of the missing parts."""
    checks = {"database": _database, "migrations": _migrations, "redis": _redis}
    missing = [name for name, check in checks.items() if not _holds(check)]
    return JsonResponse({"ready": not missing, "missing": missing}, status=503 if missing else 200)


def _holds(check) -> bool:
    try:
        return check()
    except Exception:  # whatever a driver raises, the answer is: not there
        return False


def _database() -> bool:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def _migrations() -> bool:
    executor = MigrationExecutor(connections["default"])
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _redis() -> bool:
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=SECONDS, socket_connect_timeout=SECONDS)
    try:
        return bool(client.ping())
    finally:
        client.close()
