"""Idempotency-Key: one effect and one answer for a POST, however often it is sent."""

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta

from django.db import connection
from django.http import HttpResponse

from core.actor import Actor
from core.api.problems import Problem
from core.clock import now
from core.models import IdempotencyKey

KEPT = timedelta(hours=24)
_KEY = re.compile(r"[\x21-\x7e]{1,255}\Z")
_HEADERS = ("ETag", "Location")


def key_of(request) -> str | None:
    """The key of a request. Raises Problem when it can't be used."""
    key = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is not None and not _KEY.match(key):
        raise Problem("invalid_idempotency_key", "Use 1 to 255 visible ASCII characters.")
    return key


def once(request, actor: Actor, work: Callable[[], HttpResponse]) -> HttpResponse:
    """The stored answer to this key, or the answer of `work`, stored with its effect in one transaction."""
    key = key_of(request)
    if key is None:
        return work()
    principal = f"{actor.kind}:{actor.id}"
    if not _taken(principal, key):
        detail = "Ask again in a second."
        raise Problem("idempotency_in_progress", detail, headers={"Retry-After": "1"})
    _ = request.data  # reads the body, so that its digest is there
    fingerprint = _fingerprint(request)
    IdempotencyKey.objects.filter(principal=principal, key=key, created_at__lt=now() - KEPT).delete()
    stored = IdempotencyKey.objects.filter(principal=principal, key=key).first()
    if stored:
        return _replay(stored, fingerprint)
    response = work()
    if response.status_code < 300:
        IdempotencyKey.objects.create(
            principal=principal, key=key, fingerprint=fingerprint, status=response.status_code,
            body=response.content.decode(), headers={n: response[n] for n in _HEADERS if n in response},
        )  # fmt: skip
    return response


def _taken(principal: str, key: str) -> bool:
    """Whether this transaction got the key; never waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 13))", [f"{principal} {key}"])
        return cursor.fetchone()[0]


def _fingerprint(request) -> str:
    digest = getattr(request, "body_digest", "")
    return hashlib.sha256(f"{request.method} {request.get_full_path()} {digest}".encode()).hexdigest()


def _replay(stored: IdempotencyKey, fingerprint: str) -> HttpResponse:
    if stored.fingerprint != fingerprint:
        raise Problem("idempotency_key_reused", "Use a new key for a new request.")
    headers = {**stored.headers, "Idempotency-Replayed": "true"}
    return HttpResponse(stored.body, "application/json", status=stored.status, headers=headers)
