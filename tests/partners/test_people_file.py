"""Invitations from a file."""

import io

import pytest

from core.errors import Refused
from partners import people_file, services
from partners.models import Invitation
from partners.particulars import Guest
from tests.factories import NOW, PartnerFactory

pytestmark = pytest.mark.django_db
PAGE = "/admin/partners/partner/invite/"


def lines(cast, text: str):
    return people_file.read(text, cast.actor("mona"))


def verdicts(cast, *rows: str) -> list[str]:
    found = lines(cast, "\n".join(("partner,email,role", *rows)))
    return [line.why or ("known" if line.known else "new") for line in found]


def test_a_partner_is_told_by_number_name_or_domain(cast):
    rows = [f"{cast.acme.reference},a@x.example,sales", "ACME,b@x.example,admin", "acme.example,c@x.example,viewer"]
    assert verdicts(cast, *rows) == ["new"] * 3


def test_what_is_wrong_is_told_row_by_row(cast):
    PartnerFactory(name="Twin")
    PartnerFactory(name="Twin")
    PartnerFactory(name="Gone", status="offboarded")
    rows = [
        "Nobody,a@x.example,sales", "Twin,b@x.example,sales", "Gone,c@x.example,sales", "Acme,nonsense,sales",
        "Acme,d@x.example,boss", "Acme,e@x.example,sales", "Acme,E@x.example,admin", "Acme,cy@cobalt.example,sales",
        "Acme,ada@acme.example,sales",
    ]  # fmt: skip
    assert verdicts(cast, *rows) == [
        "No such partner.",
        "Several partners are called so. Use the number, like P-7F3K2.",
        "This partner does not work with us now.",
        "Enter an address like ana@company.com.",
        "Choose one of these roles: admin, sales, marketing, finance, viewer.",
        "new",
        "The same address is in row 7.",
        "Works for another partner here.",
        "known",
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"", b"partner,email\n", b"partner,email,role\n", b"partner,email,role,role\nAcme,a@x.example,sales,x",
        b"\x00\x01", b"partner,email,role\n" + b"Acme,a@x.example,sales\n" * 501,
        b"x" * 300_000,
    ],
    ids=["empty", "columns", "head", "twice", "binary", "long", "large"],
)  # fmt: skip
def test_a_bad_file_is_refused_with_a_reason(client, cast, content):
    client.force_login(cast.mona)
    answer = client.post(PAGE, {"file": io.BytesIO(content)})
    assert (answer.status_code, bool(answer.context["form"].errors)) == (422, True)


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_codings_and_marks_of_spreadsheets_are_read(cast, coding, mark):
    PartnerFactory(name="Ação")
    text = f"partner{mark}email{mark}role\r\nAção{mark}a@x.example{mark}sales\r\n"
    [line] = lines(cast, people_file.text_of(text.encode(coding)))
    assert (line.partner.name, line.is_new) == ("Ação", True)


def test_a_file_sent_twice_invites_once(client, cast):
    client.force_login(cast.mona)
    content = b"partner,email,role\nAcme,new@x.example,sales\nAcme,bad,sales\n"
    shown = client.post(PAGE, {"file": io.BytesIO(content)})
    assert (shown.context["new"], shown.context["wrong"], Invitation.objects.count()) == (1, 1, 0)
    for _again in range(2):
        assert client.post(PAGE, {"rows": shown.context["text"]}).status_code == 302
    row = Invitation.objects.get()
    assert (row.email, row.partner, row.invited_by) == ("new@x.example", cast.acme, cast.mona)


def test_the_vendor_has_a_limit_a_day(cast, monkeypatch):
    monkeypatch.setattr("partners.rules.INVITATIONS_BY_VENDOR", 1)
    guests = [Guest(cast.acme, f"n{n}@x.example", "sales") for n in range(2)]
    with pytest.raises(Refused) as refusal:
        services.invite_many(guests, by=cast.actor("mona"), at=NOW)
    assert (refusal.value.code, Invitation.objects.count()) == ("rate_limited", 0)


def test_the_list_tells_who_has_not_signed_in(client, cast):
    cast.ada.last_login = NOW
    cast.ada.save(update_fields=["last_login"])
    client.force_login(cast.mona)
    page = client.get("/admin/partners/partner/sign-ins/")
    assert {row.cells[0] for row in page.context["never"].rows} == {"Bo", "Cy"}
    assert [row.cells[0] for row in page.context["came"].rows] == ["Ada"]
