"""Every key of a program's file, and every value that one chooses from, has its words on pages."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from django.urls import reverse

from deals.rules import policy
from earnings import sections as earning
from mdf.rules import terms
from partners import shape
from tests.deals.test_portal import signed_in
from tests.tiers.test_versions import drafted
from tiers import documents, files
from tiers.naming import Naming
from tiers.program_shown import section as table

pytestmark = pytest.mark.django_db

SHAPES: Mapping[str, Mapping[str, shape.Reader]] = {
    "policy": policy._SHAPE,
    "market_funds": terms._SHAPE,
    "earnings": earning._TERMS,
    "revenue_rules": earning._RULE,
}
EXAMPLE = files.load(Path("examples/program-default.yaml").read_text())["programs"][0]


def known(shapes: Mapping[str, shape.Reader]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each key at any depth, with the words one chooses from there."""
    for key, reader in shapes.items():
        inner = reader.reader if isinstance(reader, shape.Each) else reader
        yield key, inner.words if isinstance(inner, shape.OneOf) else ()
        if isinstance(inner, shape.Part):
            yield from known(inner.shape)


@pytest.mark.parametrize("name", SHAPES)
def test_no_key_of_a_section_and_no_choice_is_without_words(name):
    (section,) = [one for one in documents.sections() if one.key == name]
    bare = [key for key, _choices in known(SHAPES[name]) if key not in section.names.keys]
    numb = [(k, word) for k, words in known(SHAPES[name]) for word in words if word not in section.names.choices[k]]
    assert (bare, numb) == ([], [])


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("earnings.minimum_payout", "Terms of money › Smallest payout"),
        ("market_funds.share_percent", "Market funds › Our share of the cost, %"),
        ("policy.extension.activity_days", "Deal terms › Extension › Days within which the customer was active"),
        ("revenue_rules[oem-license].hold_days", "Revenue rules › OEM license fee › Days on hold"),
        ("revenue_rules[0].split.co_sell", "Revenue rules › Agency margin › Shares of the parts › Co-sell"),
        ("tiers[Gold].requires.all[closed_deals_12m].value", "Tiers › Gold › Requires › Closed deals › Figure"),
        ("types.oem.does", "Types of partners › OEM partner › What they do"),
        ("benefit_texts.leads", "Benefits in words › Leads"),
        (
            "lifecycle.onboarding.oem[3].done_by",
            "How partners join › Checklists of newcomers › OEM partner › 4 › Done when",
        ),
        ("family.line", "Family › Line"),
    ],
)
def test_a_path_reads_as_words(path, words):
    assert Naming(EXAMPLE).place(path) == words


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("earnings.accrues_on", "invoice", "Our invoice to the customer"),
        ("earnings.minimum_payout", 50, "50"),
        ("earnings.minimum_payout", None, "nothing"),
        ("policy.new_customers_only", True, "Yes"),
        ("policy.motions", ["refer", "co_sell"], "Refer, Co-sell"),
        ("policy.steps", [{"approver": "finance", "from_amount": 5000}], "Who: Finance, From this value on: 5000"),
        ("revenue_rules[strategic-share].split", {"co_sell": 60, "vendor": 40}, "Co-sell: 60, We: 40"),
        ("lifecycle.qualifying.integration", ["joint_win", "integration"], "Joint win, Integration going live"),
        ("tiers[Gold].requires", {"all": [{"metric": "closed_deals_12m", "op": ">=", "value": 5}]}, "Closed deals ≥ 5"),
        ("tiers[Gold].benefits", ["leads", {"kind": "mdf_pot", "value": 9}], "Leads, Mdf pot 9"),
        ("promotion", "automatic", "At once"),
    ],
)
def test_a_value_reads_as_words(path, value, words):
    assert Naming(EXAMPLE).value(path, value) == words


def test_a_section_is_a_table_of_words():
    (section,) = [one for one in documents.sections() if one.key == "earnings"]
    found = table(section, {"accrues_on": "invoice", "minimum_payout": 50})
    assert [row.cells for row in found.rows] == [
        ("What makes an amount earned", "Our invoice to the customer"), ("Smallest payout", "50"),
    ]  # fmt: skip


def test_a_draft_says_in_words_what_it_changes(program, cast):
    page = signed_in(cast.olga).get(drafted(program, cast).get_console_url())
    assert [row.cells for row in page.context["changes"].rows] == [
        ("Tiers › Gold › Requires › Closed deals › Figure", "5", "6")
    ]


def test_the_page_of_a_section_shows_no_keys(program, cast):
    program.policy = {"protection_days": 120, "extension": {"mode": "request", "days": 15}}
    program.save(update_fields=["policy"])
    page = signed_in(cast.olga).get(reverse("admin:program_section", args=["policy"]))
    assert [row.cells for row in page.context["table"].rows] == [
        ("Extension › Days", "15"), ("Extension › How", "By request"), ("Days of protection", "120"),
    ]  # fmt: skip
