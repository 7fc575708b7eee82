"""The deal terms as a section of a program's file."""

from datetime import UTC, datetime

import pytest

from core import slots
from core.actor import SYSTEM
from tests.factories import ProgramFactory

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


def section(key="policy"):
    return next(one for one in slots.ask("program_section", SYSTEM, at=AT) if one.key == key)


def test_faults_have_a_path_within_the_section_and_a_reason():
    found = section().check({"protection_days": 0, "reward": 1}, {})
    assert [(fault.path, fault.reason) for fault in found] == [
        ("reward", "nobody knows this key. Remove it, or correct its spelling."),
        ("protection_days", "enter a whole number from 1 to 1095."),
    ]


def test_a_section_that_is_no_mapping_is_one_fault_of_the_section_itself():
    assert [fault.path for fault in section().check([1], {})] == [""]


@pytest.mark.django_db
def test_what_is_written_is_what_is_read():
    program = ProgramFactory(policy={})
    section().write(program, {"grace_days": 3}, by=SYSTEM, at=AT)
    assert section().read(program) == {"grace_days": 3}
