"""Tests that try a part of what could be tried, the same in every run; `make fuzz` runs their long forms."""

import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

LONG = bool(os.environ.get("PRM_LONG"))


def examples(few: int, *, long: int) -> Callable[[Any], Any]:
    """So many examples in the suite, and so many, others each time, in the long form."""
    wanted = settings(
        max_examples=long if LONG else few,
        derandomize=not LONG,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    return lambda test: pytest.mark.sampled(wanted(test))
