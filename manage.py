#!/usr/bin/env python
"""Commands. Without DATABASE_URL they start or join the embedded servers of DATA."""

import os
import sys

from prm import embedded

SERVERLESS = {
    "help",
    "version",
    "--help",
    "--version",
    "makemessages",
    "compilemessages",
    "collectstatic",
    "findstatic",
}


def _use_key(place: embedded.Place) -> None:
    """Signs and checks with the key that `make demo` and `make run` keep beside their data."""
    kept = place.data / "secret"
    if os.access(kept, os.R_OK) and "SECRET_KEY" not in os.environ:
        os.environ.setdefault("SECRET_KEY_FILE", str(kept))


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prm.settings")
    own_servers = not os.environ.get("DATABASE_URL") and not os.environ.get("DATABASE_URL_FILE")
    if own_servers and len(sys.argv) > 1 and not SERVERLESS & set(sys.argv[1:2]):
        stay = embedded.join()  # as long as this name lives, so do the servers
        os.environ.update(stay.place.environment())
        _use_key(stay.place)
    os.environ.setdefault("STATEMENT_TIMEOUT_MS", "0")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
