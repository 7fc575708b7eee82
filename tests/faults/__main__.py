"""The long run: twenty kills during five hundred approvals, minutes without Redis, hundreds of races."""

import os
import sys

import pytest

if __name__ == "__main__":
    os.environ.update(FAULTS="long", ROUNDS="400")
    sys.exit(pytest.main(["-q", "-s", "-o", "addopts=--import-mode=importlib", "tests/faults", "tests/concurrency"]))
