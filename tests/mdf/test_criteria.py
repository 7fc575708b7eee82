"""The three criteria as advice."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from mdf.enums import Criterion
from mdf.rules import Planned, Terms, advise

PLANNED = Planned(
    target_segment="Shipping lines",
    measurement={"metric": "Leads", "target": "40", "capture": "Badge scans", "report_on": "2027-02-20"},
    expected_pipeline=Decimal(26_000),
    asked=Decimal(5_000),
    ends_on=date(2027, 1, 20),
)
TERMS = Terms.of({"segments": ["Shipping", "Ports"]})


def found(planned: Planned, terms: Terms = TERMS) -> dict:
    return {one.criterion: (one.met, one.words) for one in advise(planned, terms)}


def test_what_fits_is_told_with_its_arithmetic():
    assert found(PLANNED) == {
        Criterion.SEGMENT: (True, "This is a segment we aim at."),
        Criterion.MEASUREMENT: (True, "You said what you count and when you report it."),
        Criterion.RETURN: (True, "Pipeline 26,000 ÷ 5,000 asked for = 5.2×. We look for 5×."),
    }


def test_nothing_written_yet_is_no_fault():
    assert [met for met, _words in found(Planned()).values()] == [None, None, None]


def test_a_return_that_is_nearly_enough_is_not_rounded_up():
    met, words = found(replace(PLANNED, expected_pipeline=Decimal("24999.99")))[Criterion.RETURN]
    assert (met, words) == (False, "Pipeline 24,999.99 ÷ 5,000 asked for = 4.99×. We look for 5×.")


@pytest.mark.parametrize(
    ("given", "met"), [("ports of the north", True), ("SHIPPING", True), ("Retail", False), ("", None)]
)
def test_a_segment_is_compared_with_those_the_program_names(given, met):
    assert found(replace(PLANNED, target_segment=given))[Criterion.SEGMENT][0] is met


def test_without_segments_in_the_program_people_alone_judge():
    assert found(PLANNED, Terms())[Criterion.SEGMENT][0] is None


@pytest.mark.parametrize("change", [{"capture": ""}, {"target": "many"}, {"report_on": "2027-01-19"}])
def test_a_plan_to_measure_is_whole_has_a_number_and_comes_after_the_end(change):
    assert found(replace(PLANNED, measurement={**PLANNED.measurement, **change}))[Criterion.MEASUREMENT][0] is False
