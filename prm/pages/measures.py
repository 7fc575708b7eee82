"""What Prometheus reads: with the token, or without one by a direct connection from this very machine."""

from hmac import compare_digest

from django.conf import settings
from django.http import Http404
from django.views.decorators.http import require_safe
from django_prometheus.exports import ExportToDjangoView

_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")
_LOOPBACK = {"127.0.0.1", "::1"}


@require_safe
def metrics(request):
    """The process's measures; Http404 for everybody else."""
    if not _may_read(request):
        raise Http404
    return ExportToDjangoView(request)


def _may_read(request) -> bool:
    if settings.METRICS_TOKEN:
        sent = request.headers.get("Authorization", "")
        return compare_digest(sent.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    direct = not any(name in request.META for name in _FORWARDED)
    return direct and request.META.get("REMOTE_ADDR") in _LOOPBACK
