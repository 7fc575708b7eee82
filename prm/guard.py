"""Ends the processes of a supervisor that has ended, however it ended.

Started by path with the standard library alone. Reads process groups, one number a line, from a pipe whose other end
the supervisor holds: when it closes, by intent or by death, every group is told to stop, and after a while made to.
"""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterable

GRACE_SECONDS = 8.0


def end(groups: Iterable[int], grace: float = GRACE_SECONDS) -> None:
    """Stop these process groups: the leaders are asked, what is left after `grace` seconds is killed."""
    left = set(groups)
    for group in left:
        _tell(os.kill, group, signal.SIGTERM)
    limit = time.monotonic() + grace
    while (left := {group for group in left if _alive(group)}) and time.monotonic() < limit:
        time.sleep(0.05)
    for group in left:
        _tell(os.killpg, group, signal.SIGKILL)


def _alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def _tell(how, whom: int, sign: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        how(whom, sign)


if __name__ == "__main__":
    for harmless in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(harmless, signal.SIG_IGN)
    end([int(line) for line in sys.stdin])
