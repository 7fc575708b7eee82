"""The console's pages about partners, colleagues and keys."""

import pytest

from partners.actors import key_of
from partners.models import Agreement, ApiKey, Contact, Invitation, Member, Note, Partner
from tests.factories import (
    NOW,
    ApiKeyFactory,
    ContactFactory,
    InvitationFactory,
    MemberFactory,
    MembershipFactory,
    PartnerFactory,
    ProgramFactory,
    TierFactory,
)

LIST = "/admin/partners/partner/"


@pytest.fixture
def mona(client, cast):
    client.force_login(cast.mona)
    return client


@pytest.fixture
def root(client, cast):
    client.force_login(cast.root)
    return client


def page(cast, tail: str = "") -> str:
    return f"/admin/partners/{cast.acme.reference}/{tail}"


# --- the list ---------------------------------------------------------------------------------------------------------


def names(answer) -> list[str]:
    table = answer.context["table"]
    return [row.cells[0] for row in table.rows] if table else []


def test_all_partners_by_name(mona, cast):
    assert names(mona.get(LIST)) == ["Acme", "Cobalt"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=cob", ["Cobalt"]),
        ("q=acme.example", ["Acme"]),
        ("status=active", ["Acme", "Cobalt"]),
        ("status=suspended", []),
        ("region=EMEA", ["Acme", "Cobalt"]),
        ("tier=Gold", ["Cobalt"]),
        ("q=cob&tier=Gold&region=EMEA", ["Cobalt"]),
        ("status=nonsense&manager=nonsense&after=nonsense", ["Acme", "Cobalt"]),
    ],
)
def test_filters_narrow_the_list(mona, cast, query, found):
    gold = TierFactory(name="Gold")
    MembershipFactory(partner=cast.cobalt, tier=gold, program=gold.program)
    assert names(mona.get(f"{LIST}?{query}")) == found


def test_the_list_by_manager(mona, cast):
    PartnerFactory(name="Alone")
    assert names(mona.get(f"{LIST}?manager={cast.mona.pk}")) == ["Acme", "Cobalt"]


def test_the_list_costs_the_same_at_one_and_three_rows(mona, cast, django_assert_max_num_queries):
    def cost(many):
        for _row in range(many):
            MembershipFactory()
        with django_assert_max_num_queries(20) as taken:
            mona.get(LIST)
        return len(taken)

    mona.get(LIST)
    assert cost(1) == cost(3)


@pytest.mark.parametrize("tail", ["", "edit/", "note/"])
@pytest.mark.parametrize("person", ["ada", "bo", "cy"])
def test_partners_people_get_no_further_than_the_door(client, cast, person, tail):
    client.force_login(getattr(cast, person))
    assert client.get(page(cast, tail)).status_code == 403
    assert client.get(LIST).status_code == 403


def test_strangers_are_led_to_the_sign_in_page_and_back(client, cast):
    answer = client.get(page(cast))
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={page(cast)}")


def test_people_of_partners_do_not_go_round_in_circles(client, cast):
    client.force_login(cast.ada)
    answer = client.get("/admin/partners/member/", follow=True)
    assert (answer.status_code, len(answer.redirect_chain)) == (403, 1)


def test_strangers_at_a_record_are_led_to_the_sign_in_page_and_back(client, cast):
    answer = client.get("/admin/partners/member/", follow=True)
    assert answer.redirect_chain[-1] == ("/accounts/login/?next=/admin/partners/member/", 302)
    client.force_login(cast.mona)
    assert client.get("/admin/login/?next=/admin/partners/member/")["Location"] == "/admin/partners/member/"


def test_the_console_leads_to_no_other_house(client, cast):
    client.force_login(cast.mona)
    assert client.get("/admin/login/?next=//evil.example/")["Location"] == "/admin/"


def test_the_records_are_there_for_staff(mona, cast):
    InvitationFactory(partner=cast.acme)
    for name in ("member", "invitation", "contact", "program", "product"):
        assert mona.get(f"/admin/partners/{name}/").status_code == 200


# --- one partner ------------------------------------------------------------------------------------------------------


def test_the_page_shows_people_programs_notes_and_story(mona, cast):
    MembershipFactory(partner=cast.acme)
    ContactFactory(partner=cast.acme, last_name="Tactful")
    mona.post(page(cast, "note/"), {"text": "They think of leaving."})
    shown = mona.get(page(cast)).content.decode()
    assert [
        word for word in ("Ada", "Tactful", "They think of leaving.", "Reseller", "Mona") if word not in shown
    ] == []


def test_the_page_costs_the_same_at_one_and_three_rows(mona, cast, django_assert_max_num_queries):
    def cost(many):
        for _row in range(many):
            MembershipFactory(partner=cast.acme)
            MemberFactory(partner=cast.acme)
            ContactFactory(partner=cast.acme)
            InvitationFactory(partner=cast.acme, invited_by=cast.bo)
            Note.objects.create(partner=cast.acme, author=cast.mona, text="x", at=NOW)
        with django_assert_max_num_queries(36) as taken:
            mona.get(page(cast))
        return len(taken)

    mona.get(page(cast))
    assert cost(1) == cost(3)


def test_a_note_never_reaches_the_partner(mona, cast, client):
    mona.post(page(cast, "note/"), {"text": "CANARY"})
    assert Note.objects.visible_to(cast.actor("bo")).count() == 0
    client.force_login(cast.bo)
    for path in ("/portal/", "/portal/team/", "/portal/profile/"):
        assert "CANARY" not in client.get(path).content.decode()


def test_a_partner_that_is_none_is_not_there(mona):
    assert [mona.get(f"/admin/partners/{name}/").status_code for name in ("P-XXXXX", "nonsense")] == [404, 404]


def test_another_manager_looks_after_it_from_now_on(mona, cast):
    answer = mona.post(page(cast, "care/"), {"manager": cast.olga.pk, "backup": cast.mona.pk})
    cast.acme.refresh_from_db()
    assert (answer.status_code, cast.acme.manager, cast.acme.backup) == (302, cast.olga, cast.mona)


def test_nobody_is_their_own_backup(mona, cast):
    answer = mona.post(page(cast, "care/"), {"manager": cast.olga.pk, "backup": cast.olga.pk})
    assert (answer.status_code, "Choose another person as backup." in answer.content.decode()) == (422, True)


@pytest.mark.parametrize("person", ["ada", "eve"])
def test_only_staff_who_can_be_chosen_look_after_a_partner(mona, cast, person):
    wanted = getattr(cast, person)
    expected = 302 if wanted.is_staff else 422
    assert mona.post(page(cast, "care/"), {"manager": wanted.pk}).status_code == expected


def test_an_agreement_is_recorded(mona, cast):
    told = {"title": "Partner agreement", "text_version": "3", "signed_by": "Bo", "signed_on": "2026-01-31"}
    assert mona.post(page(cast, "agreement/"), told).status_code == 302
    assert Agreement.objects.get().signed_at.date().isoformat() == "2026-01-31"


def test_an_agreement_of_tomorrow_is_refused(mona, cast):
    told = {"title": "Partner agreement", "text_version": "3", "signed_by": "Bo", "signed_on": "2999-01-31"}
    assert mona.post(page(cast, "agreement/"), told).status_code == 422


def test_the_vendor_invites_a_first_admin(mona, cast):
    mona.post(page(cast, "invite/"), {"emails": "boss@acme.example", "role": "admin"})
    assert Invitation.objects.get().role == "admin"


def test_the_vendor_changes_a_role_and_removes_people(mona, cast):
    ada = Member.objects.get(user=cast.ada)
    mona.post(page(cast, f"people/{ada.public_id}/role/"), {"role": "viewer"})
    ada.refresh_from_db()
    assert ada.role == "viewer"
    mona.post(page(cast, f"people/{ada.public_id}/remove/"))
    ada.refresh_from_db()
    assert ada.ended_at is not None


@pytest.mark.parametrize("person", ["mark", "finn", "eve", "root"])
@pytest.mark.parametrize("verb", ["care", "agreement", "contact", "invite"])
def test_without_the_permission_staff_change_nothing(client, cast, person, verb):
    client.force_login(getattr(cast, person))
    told = {
        "manager": cast.olga.pk, "title": "T", "text_version": "1", "signed_by": "B", "signed_on": "2026-01-31",
        "last_name": "L", "email": "l@acme.example", "emails": "x@acme.example", "role": "viewer",
    }  # fmt: skip
    assert client.post(page(cast, f"{verb}/"), told).status_code == 403


def test_a_contact_is_added_changed_and_removed(mona, cast):
    told = {"last_name": "Lee", "email": "lee@acme.example", "roles": ["sales"], "is_primary": "on"}
    mona.post(page(cast, "contact/"), told)
    contact = Contact.objects.get()
    mona.post(page(cast, f"contacts/{contact.public_id}/edit/"), told | {"job_title": "Head of sales"})
    contact.refresh_from_db()
    assert (contact.job_title, contact.roles, contact.is_primary) == ("Head of sales", ["sales"], True)
    mona.post(page(cast, f"contacts/{contact.public_id}/remove/"))
    contact.refresh_from_db()
    assert contact.deleted_at is not None


def test_a_contact_of_another_partner_is_not_there(mona, cast):
    other = ContactFactory(partner=cast.cobalt)
    assert mona.get(page(cast, f"contacts/{other.public_id}/")).status_code == 404


FULL = {"name": "Acme Inc", "time_zone": "UTC", "default_currency": "EUR", "region": "AMER"}


def test_the_profile_is_edited(mona, cast):
    assert mona.post(page(cast, "edit/"), FULL | {"version": cast.acme.version}).status_code == 302
    cast.acme.refresh_from_db()
    assert (cast.acme.name, cast.acme.region, cast.acme.default_currency) == ("Acme Inc", "AMER", "EUR")


def test_a_stale_edit_keeps_what_was_typed_and_a_second_try_writes(mona, cast):
    shown = cast.acme.version
    Partner.objects.filter(pk=cast.acme.pk).update(country="FR")
    answer = mona.post(page(cast, "edit/"), FULL | {"version": shown})
    cast.acme.refresh_from_db()
    assert (answer.status_code, cast.acme.name, "Acme Inc" in answer.content.decode()) == (409, "Acme", True)
    assert mona.post(page(cast, "edit/"), FULL | {"version": answer.context["form"].data["version"]}).status_code == 302


def test_a_new_partner_begins_with_a_program_and_an_invitation(mona, cast):
    program = ProgramFactory()
    told = {
        "name": "Newco", "website": "https://www.newco.example", "program": program.pk, "partner_type": "agency",
        "manager": cast.mona.pk, "emails": "boss@newco.example",
    }  # fmt: skip
    answer = mona.post("/admin/partners/partner/new/", told)
    partner = Partner.objects.get(name="Newco")
    assert (answer.status_code, answer["Location"]) == (302, partner.get_console_url())
    assert (partner.domain, partner.manager, partner.status) == ("newco.example", cast.mona, "onboarding")
    assert [m.partner_type for m in partner.program_memberships.all()] == ["agency"]
    assert [(i.email, i.role) for i in partner.invitations.all()] == [("boss@newco.example", "admin")]


# --- colleagues -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/admin/staff/", "/admin/staff/new/", "/admin/keys/", "/admin/keys/new/", "/admin/deliveries/"]
)
def test_only_administrators_manage_the_house(client, cast, path):
    client.force_login(cast.olga)
    assert client.get(path).status_code == 403
    client.force_login(cast.root)
    assert client.get(path).status_code == 200


def test_an_administrator_adds_a_colleague(root, cast):
    root.post("/admin/staff/new/", {"name": "Nia", "email": "Nia@northwind.example", "role": "finance"})
    nia = type(cast.root).objects.get(email="nia@northwind.example")
    assert (nia.kind, nia.is_staff, nia.staff_role, nia.has_usable_password()) == ("vendor", True, "finance", False)


def test_a_colleague_is_deactivated_at_once(root, cast, client):
    mona = type(client)()
    mona.force_login(cast.mona)
    assert mona.get("/admin/").status_code == 200
    root.post(f"/admin/staff/{cast.mona.public_id}/deactivate/")
    assert mona.get("/admin/").status_code == 302


@pytest.mark.parametrize("verb", ["deactivate", "role"])
def test_the_last_administrator_stays(root, cast, verb):
    answer = root.post(f"/admin/staff/{cast.root.public_id}/{verb}/", {"role": "finance"})
    cast.root.refresh_from_db()
    assert (answer.status_code, cast.root.is_active, cast.root.staff_role) == (422, True, "administrator")


def test_people_of_partners_are_not_colleagues(root, cast):
    assert root.post(f"/admin/staff/{cast.ada.public_id}/deactivate/").status_code == 404


# --- keys -------------------------------------------------------------------------------------------------------------


def test_a_key_is_shown_once_and_works(root, cast):
    answer = root.post("/admin/keys/new/", {"name": "CRM", "everything": "on"})
    token = answer.context["token"]
    assert token in answer.content.decode()
    assert key_of(token, NOW) == ApiKey.objects.get(name="CRM")
    assert token not in root.get("/admin/keys/").content.decode()


def test_a_key_for_one_partner(root, cast):
    root.post("/admin/keys/new/", {"name": "Theirs", "partner": cast.acme.pk, "scopes": ["partners:read"]})
    key = ApiKey.objects.get()
    assert (key.partner, key.scopes, key.created_by) == (cast.acme, ["partners:read"], cast.root)


@pytest.mark.parametrize("told", [{}, {"scopes": ["nonsense:read"]}, {"everything": "on", "expires_on": "2020-01-01"}])
def test_a_key_without_sense_is_refused(root, told):
    assert root.post("/admin/keys/new/", {"name": "CRM"} | told).status_code == 422
    assert ApiKey.objects.count() == 0


def test_a_revoked_key_opens_nothing(root, cast):
    key = ApiKeyFactory(token="prm_gone")
    root.post(f"/admin/keys/{key.public_id}/revoke/")
    assert key_of("prm_gone", NOW) is None
