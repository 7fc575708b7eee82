"""Asks ClamAV whether a file is known to do harm: `INSTREAM` of clamd(8), over TCP or a socket of this machine."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from struct import pack
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from core.errors import Refused
from core.files.archives import Suspicious

PATIENCE = 20  # seconds
_PART = 64 * 1024
_PORT = 3310


def scan(content: bytes) -> None:
    """Raises Suspicious for a known virus, and Refused while the scanner gives no answer: nothing is taken unseen."""
    try:
        answer = _ask(content)
    except OSError as error:
        raise _away() from error
    if answer.endswith(b"FOUND"):
        raise Suspicious(_("our virus scanner recognises it as harmful"))
    if not answer.endswith(b"OK"):
        raise _away()


def _ask(content: bytes) -> bytes:
    with _line() as line:
        line.sendall(b"zINSTREAM\0")
        for part in _parts(content):
            line.sendall(pack("!I", len(part)) + part)
        with line.makefile("rb") as said:
            return said.read(4096).rstrip(b"\0")


def _parts(content: bytes) -> Iterator[bytes]:
    """An empty one at last: it ends the stream."""
    for start in range(0, len(content), _PART):
        yield content[start : start + _PART]
    yield b""


@contextmanager
def _line() -> Iterator[socket.socket]:
    address = urlsplit(settings.CLAMAV_URL)
    if address.scheme == "unix":
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(PATIENCE)
            line.connect(address.path)
            yield line
    else:
        with socket.create_connection((address.hostname, address.port or _PORT), PATIENCE) as line:
            yield line


def _away() -> Refused:
    return Refused(_("Files can't be checked just now. Try again in a few minutes."), code="scanner_away")
