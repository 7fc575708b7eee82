"""Becoming a partner without an invitation: what an address proves, what nobody is told, who decides the rest."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from accounts.models import User
from core.actor import SYSTEM
from core.clock import now
from core.deliver import deliver_due
from core.errors import Forbidden, IllegalTransition, Refused
from partners import services, tokens
from partners.models import Agreement, Application, Invitation, Member, Partner, Program
from partners.particulars import Because, Newcomer, Terms
from tests.factories import MembershipFactory, ProgramFactory

FORM = {
    "company": "Contoso", "website": "https://www.contoso.example/about", "country": "PT", "partner_type": "referral",
    "name": "Kim Roe", "email": "kim@contoso.example", "message": "We know many of your customers.",
}  # fmt: skip
ENTER = {"name": "Kim Roe", "password": "a-long-passphrase-7", "accept": "on"}


@pytest.fixture(autouse=True)
def program(cast) -> Program:
    services.publish_text(Terms("main", "Partner agreement", "1", "One.\n\nTwo."), by=SYSTEM, at=now())
    return ProgramFactory(name="Registered", lifecycle={"self_sign_up": True})


def apply(**more) -> tuple[int, str]:
    answer = Client().post("/become-a-partner/", FORM | more)
    words = re.sub(r"csrfmiddlewaretoken[^>]*|[\w.+-]+@[\w.-]+", "", answer.content.decode())
    return answer.status_code, re.sub(r"value=\"[^\"]*\"", "", words)


def link(**more) -> str:
    """The address in the mail of the application that is sent."""
    apply(**more)
    application = Application.objects.latest("sent_at")
    return f"/become-a-partner/{tokens.of(application)}/"


def test_an_address_of_the_company_opens_the_portal_without_a_human(program):
    client, address = Client(), link()
    assert Partner.objects.filter(name="Contoso").count() == 0
    assert client.get(address).status_code == 200
    answer = client.post(address, ENTER, REMOTE_ADDR="192.0.2.9")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/portal/")
    partner = Partner.objects.get(name="Contoso")
    assert (partner.status, partner.domain, partner.unvetted_since is not None) == (
        "onboarding",
        "contoso.example",
        True,
    )
    [member] = Member.objects.filter(partner=partner)
    assert (member.role, member.user.email) == ("admin", "kim@contoso.example")
    [signed] = Agreement.objects.filter(partner=partner)
    assert (signed.text_version, signed.signed_by, signed.ip) == ("1", "Kim Roe", "192.0.2.9")
    assert partner.onboarding.order_by("place").first().status == "completed"
    page = client.get("/portal/")
    assert (page.status_code, "1 of 4 done" in page.content.decode()) == (200, True)


def test_it_becomes_a_member_of_the_program_with_the_entry_tier(program):
    Client().post(link(), ENTER)
    deliver_due(now())
    [membership] = Partner.objects.get(name="Contoso").program_memberships.all()
    assert (membership.program, membership.partner_type) == (program, "referral")


def test_a_link_works_once_and_for_24_hours(program):
    address = link()
    assert Client().post(address, ENTER).status_code == 302
    assert Client().post(address, ENTER).status_code == 404
    late = link(email="ann@fabrikam.example", website="fabrikam.example", company="Fabrikam")
    Application.objects.filter(company="Fabrikam").update(expires_at=now())
    assert Client().post(late, ENTER).status_code == 410
    assert Partner.objects.filter(name="Fabrikam").count() == 0


def test_without_the_click_nobody_comes_in(program):
    answer = Client().post(link(), ENTER | {"accept": ""})
    assert (answer.status_code, Partner.objects.filter(name="Contoso").count()) == (422, 0)


@pytest.mark.parametrize(
    "more",
    [
        {"email": "kim@gmail.com"},  # proves nothing about a company
        {"email": "kim@other.example"},  # another company's address
        {"email": "kim@gmail.com", "website": "acme.example", "company": "Acme"},  # names a partner of ours
    ],
)
def test_what_proves_no_company_waits_for_a_human_and_is_told_the_same_words(program, more):
    answer = Client().post(link(**more))
    assert (answer.status_code, "within 2 working days" in answer.content.decode()) == (200, True)
    application = Application.objects.latest("sent_at")
    assert (application.status, application.partner.status) == ("waiting", "evaluating")
    assert User.objects.filter(email=more["email"]).count() == 0


def test_without_self_sign_up_every_application_waits(program):
    Program.objects.update(lifecycle={})
    Client().post(link())
    assert Application.objects.latest("sent_at").status == "waiting"


def test_the_form_answers_the_same_for_known_and_unknown_people_and_companies(cast):
    known = [
        {}, {"email": "bo@acme.example", "website": "acme.example"}, {"email": "mona@northwind.example"},
        {"email": "x@gmail.com", "website": "cobalt.example"},
    ]  # fmt: skip
    answers = [apply(**more) for more in known]
    assert [status for status, _words in answers] == [200] * 4
    assert len({words for _status, words in answers}) == 1


def test_a_known_domain_goes_to_the_partners_admin_alone(cast):
    answer = Client().post(link(email="new@acme.example", website="acme.example", company="Acme"))
    assert (answer.status_code, "Acme" in answer.content.decode()) == (200, False)
    application = Application.objects.latest("sent_at")
    assert (application.status, application.partner) == ("passed_on", cast.acme)
    page = f"/portal/team/requests/{application.public_id}/"
    seen = {}
    for person in (cast.bo, cast.ada, cast.cy):
        client = Client()
        client.force_login(person)
        seen[person.name] = client.get(page).status_code
    assert seen == {"Bo": 200, "Ada": 403, "Cy": 404}


def test_the_admin_invites_or_declines_who_asks(cast):
    for email in ("one@acme.example", "two@acme.example"):
        Client().post(link(email=email, website="acme.example"))
    one, two = (Application.objects.get(email=f"{n}@acme.example") for n in ("one", "two"))
    services.take_in(one, by=cast.actor("bo"), at=now())
    services.turn_away(two, by=cast.actor("bo"), at=now())
    assert list(Invitation.objects.values_list("email", "role")) == [("one@acme.example", "viewer")]
    with pytest.raises(Forbidden):
        services.take_in(two, by=cast.actor("ada"), at=now())
    with pytest.raises(IllegalTransition):
        services.take_in(two, by=cast.actor("bo"), at=now())


def test_the_vendor_approves_and_the_applicant_is_invited_as_admin(cast):
    Client().post(link(email="kim@gmail.com"))
    partner = Application.objects.latest("sent_at").partner
    services.approve(partner, by=cast.actor("mona"), at=now())
    assert (partner.status, Application.objects.latest("sent_at").status) == ("approved", "accepted")
    assert list(Invitation.objects.values_list("email", "role")) == [("kim@gmail.com", "admin")]


def test_the_vendor_declines_who_came_in_alone_and_their_access_ends(cast):
    Client().post(link(), ENTER)
    partner = Partner.objects.get(name="Contoso")
    services.decline(partner, Because("untrue", "No such company."), by=cast.actor("mona"), at=now())
    assert (partner.status, User.objects.get(email="kim@contoso.example").is_active) == ("declined", False)


def test_a_partner_that_was_checked_is_not_declined_any_more(cast):
    Client().post(link(), ENTER)
    partner = Partner.objects.get(name="Contoso")
    with pytest.raises(Forbidden):
        services.vet(partner, by=cast.actor("eve"), at=now())
    services.vet(partner, by=cast.actor("mona"), at=now())
    assert partner.unvetted_since is None
    with pytest.raises(Refused):
        services.decline(partner, Because("untrue", "x"), by=cast.actor("mona"), at=now())


def test_one_address_gets_three_mails_a_day_and_nobody_is_told(cast):
    answers = [apply() for _n in range(4)]
    assert len({words for _status, words in answers}) == 1
    assert Application.objects.count() == 3


def test_one_network_sends_ten_forms_an_hour(cast):
    statuses = [apply(email=f"p{n}@contoso.example")[0] for n in range(11)]
    assert statuses == [200] * 10 + [429]


def test_the_mail_has_the_link_and_who_has_an_account_is_told_in_the_mail_alone(cast):
    apply()
    apply(email="bo@acme.example")
    deliver_due(now())
    bodies = {message.to[0]: message.body for message in mail.outbox}
    assert ("/become-a-partner/" in bodies["kim@contoso.example"], "/accounts/login/" in bodies["bo@acme.example"]) == (
        True, True,
    )  # fmt: skip


def test_links_that_nobody_opened_run_out(cast):
    apply()
    application = Application.objects.get()
    services.expire_application(application, by=SYSTEM, at=now() + timedelta(days=2))
    with pytest.raises(Refused):
        services.prove(application, Newcomer("Kim"), None, by=SYSTEM, at=now())


def test_a_partner_that_joined_alone_gets_no_leads_before_it_is_checked(cast):
    from deals.rules.routing import Candidate, bar  # noqa: PLC0415

    membership = MembershipFactory(partner=cast.acme)
    known = {"key": membership.pk, "name": "Acme", "status": "active"}
    assert bar(Candidate(**known, unvetted=True)) == "joined by itself and waits for our check"
    assert bar(Candidate(**known)) is None
