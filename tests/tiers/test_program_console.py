"""The console's pages of a program, as the people see them who may, and who may not."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.deals.test_portal import signed_in
from tests.tiers.standing import AT, closes, many
from tests.tiers.test_versions import asked, drafted, gold, gold_at
from tiers import documents, files
from tiers.models import ProgramVersion

pytestmark = pytest.mark.django_db


@pytest.fixture
def olga(cast):
    return signed_in(cast.olga)


def cells(page):
    return [row.cells for row in page.context["table"].rows]


def verb(version, name):
    return reverse("admin:program_version_verb", args=[version.reference, name])


def edit(version, name):
    return reverse("admin:program_version_edit_verb", args=[version.reference, name])


def typed(page):
    """What the form of figures holds, as a browser sends it unchanged."""
    figures = page.context["figures"]
    found = {}
    for name, field in figures.fields.items():
        value = figures.get_initial_for_field(field, name)
        found[name] = [v for v in value if v in figures.kinds] if name.startswith("benefits") else str(value)
    return found


def test_the_seven_types_are_shown_row_by_row(acme, olga):
    found = cells(olga.get("/admin/program/types/"))
    assert [(str(row[0]), row[1], row[3], row[5]) for row in found[:2]] == [
        ("Referral partner", "Refers customers to us", "Commission for each referral", 0),
        ("Reseller", "Sells our product to its customers", "Margin off the list price, more for a registered deal", 1),
    ]
    assert len(found) == 7


def test_the_four_tiers_are_shown_with_what_they_ask(program, olga):
    assert [row[:5] for row in cells(olga.get("/admin/program/tiers/"))] == [
        ("Registered", 1, "Sign-up, no commitment", "15%", "0%"),
        ("Silver", 2, "Closed deals ≥ 1", "15%", "0%"),
        ("Gold", 3, "Closed deals ≥ 5", "20%", "0%"),
        ("Platinum", 4, "Closed deals ≥ 10; Certified people ≥ 1", "20%", "2%"),
    ]


def test_benefits_say_which_tier_and_which_type_has_them(program, olga):
    (leads,) = [row for row in cells(olga.get("/admin/program/benefits/")) if row[0] == "Leads we pass on to you"]
    assert [getattr(cell, "text", cell) for cell in leads[1:]] == [
        "",
        "Yes",
        "Yes",
        "Yes",
        "Agency / consulting partner",
    ]


@pytest.mark.parametrize("name", ["", "versions/", "sections/policy/"])
def test_every_part_opens(program, olga, name):
    assert olga.get(f"/admin/program/{name}").status_code == 200


def test_the_file_of_the_console_is_the_file_of_the_command(program, olga):
    assert olga.get("/admin/program/file.yaml").content.decode() == files.dump([documents.document(program)])


def test_gold_is_edited_to_six_in_the_form_and_nothing_else_changes(program, olga):
    answer = olga.post(reverse("admin:program_versions_verb", args=["draft"]))
    version = ProgramVersion.objects.get(status="draft")
    assert answer.url == version.get_console_url()
    page = olga.get(reverse("admin:program_version_edit", args=[version.reference]))
    data = typed(page) | {"value_tiers_2_requires_all_0_value": "6", "reason": "Gold is 6"}
    assert olga.post(edit(version, "figures"), data).status_code == 302
    version.refresh_from_db()
    found = documents.changes(documents.document(program), version.definition)
    assert (found, version.reason) == ([("tiers[Gold].requires.all[closed_deals_12m].value", 5, 6)], "Gold is 6")


def test_a_benefit_and_a_percentage_are_switched_in_the_form(program, olga, cast):
    version = drafted(program, cast)
    page = olga.get(reverse("admin:program_version_edit", args=[version.reference]))
    data = typed(page) | {"discount_percent_1": "17.5"}
    data["benefits_1"] = [kind for kind in data["benefits_1"] if kind != "leads"] + ["joint_pr"]
    olga.post(edit(version, "figures"), data)
    version.refresh_from_db()
    silver = version.definition["tiers"][1]
    kinds = [b if isinstance(b, str) else b["kind"] for b in silver["benefits"]]
    assert ("leads" in kinds, "joint_pr" in kinds) == (False, True)
    assert {"kind": "discount_percent", "value": 17.5, "unit": "percent"} in silver["benefits"]


def test_a_fault_in_the_text_is_told_with_its_place(program, olga, cast):
    version = drafted(program, cast)
    wrong = files.text(version.definition).replace("op: '>='", "op: '~'", 1)
    answer = olga.post(edit(version, "text"), {"definition": wrong})
    assert answer.status_code == 422
    assert answer.context["form"].errors["definition"] == ["tiers[1].requires.all[0].op: unknown operator ~"]


def test_text_that_is_no_yaml_names_the_line(program, olga, cast):
    answer = olga.post(edit(drafted(program, cast), "text"), {"definition": "id: a\nid: b\n"})
    assert answer.context["form"].errors["definition"] == ["line 2: id is given twice"]


def test_a_draft_comes_from_a_file(program, olga):
    text = files.dump([gold_at(7, documents.document(program))])
    olga.post(
        reverse("admin:program_versions_verb", args=["file"]), {"file": SimpleUploadedFile("p.yaml", text.encode())}
    )
    assert ProgramVersion.objects.get(status="draft").definition["tiers"][2]["requires"]["all"][0]["value"] == 7


def test_a_faulty_file_is_refused_with_its_name_and_place(program, olga):
    wrong = files.dump([gold_at(7, documents.document(program))]).replace("rank: 3", "rank: 2").encode()
    answer = olga.post(
        reverse("admin:program_versions_verb", args=["file"]), {"file": SimpleUploadedFile("p.yaml", wrong)}
    )
    assert (answer.status_code, answer.context["form"].errors["file"]) == (
        422, ["p.yaml: programs[0].tiers[2].rank: rank 2 is given twice"],
    )  # fmt: skip


def test_a_draft_says_who_moves_and_what_it_costs(acme, program, olga, cast):
    closes(acme, *many(5))
    found = olga.get(drafted(program, cast).get_console_url()).context["found"]
    assert [(s.before, s.after, [line.partner.name for line in s.lines]) for s in found.steps] == [
        ("Gold", "Silver", [acme.partner.name])
    ]
    assert found.margin.amount == Decimal(0)


def test_the_movers_come_as_csv(acme, program, olga, cast):
    closes(acme, *many(5))
    answer = olga.get(reverse("admin:program_movers", args=[drafted(program, cast).reference]))
    head, row = answer.content.decode("utf-8-sig").splitlines()
    assert head.split(",")[:7] == [
        "partner",
        "reference",
        "stands_on",
        "would_stand_on",
        "earned_now",
        "earned_then",
        "moves",
    ]
    assert row.split(",")[2:7] == ["Registered", "Silver", "Gold", "Silver", "down"]


def test_olga_asks_and_root_publishes(program, cast, olga):
    version = drafted(program, cast)
    assert olga.post(verb(version, "request"), {"reason": "Gold is 6"}).status_code == 302
    assert olga.post(verb(version, "publish"), {}).status_code == 403
    assert [button[0] for button in olga.get(version.get_console_url()).context["buttons"]] == ["give_back", "discard"]
    assert signed_in(cast.root).post(verb(version, "publish"), {}).status_code == 302
    assert gold() == 6


@pytest.mark.parametrize("name", ["request", "publish", "give_back", "discard", "withdraw", "undo"])
@pytest.mark.parametrize("who", ["mona", "finn"])
def test_who_may_not_gets_a_refusal_for_every_verb(program, cast, who, name):
    version = asked(program, cast)
    one = ProgramVersion.objects.get(status="in_force") if name == "undo" else version
    client = signed_in(getattr(cast, who))
    assert client.post(verb(one, name), {"reason": "No"}).status_code == 403
    assert client.post(edit(version, "text"), {"definition": "x"}).status_code == 403
    assert client.post(reverse("admin:program_versions_verb", args=["draft"])).status_code == 403
    assert gold() == 5


def test_who_may_not_edit_sees_no_buttons(program, cast):
    page = signed_in(cast.mona).get(asked(program, cast).get_console_url())
    assert (page.context["buttons"], page.context["edit"]) == ([], None)


def test_undo_asks_for_the_version_before(program, cast, olga):
    version = asked(program, cast)
    signed_in(cast.root).post(verb(version, "publish"), {})
    olga.post(verb(version, "undo"), {})
    again = ProgramVersion.objects.get(status="requested")
    signed_in(cast.root).post(verb(again, "publish"), {})
    assert (gold(), AT.year) == (5, 2026)
