"""Partners, their contacts and the programs in the REST API."""

from dataclasses import fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.text import slugify

from accounts.models import User
from accounts.queries import staff
from core.actor import Actor
from core.api.containers import Data, Words
from core.api.kinds import Choice, Day, Email, Text, Website, Whole, YesNo
from core.api.resources import CREATE, READ, Action, Field, Ref, Resource, Rows
from core.ids import uuid7
from partners import services
from partners.api_lifecycle import AGREEMENTS, MOVES
from partners.countries import NAMES
from partners.currencies import CODES
from partners.enums import (
    ContactRole,
    Direction,
    IntegrationStatus,
    Maker,
    PartnerStatus,
    PortalAccess,
    ProgramStatus,
)
from partners.models import Contact, Integration, Partner, Program
from partners.particulars import Care, Company, Link, Person, Start
from partners.workflow import INTEGRATION, PARTNER

COUNTRY = Choice(tuple(NAMES), blank=True)
CURRENCY = Choice(CODES)
_ZONE = Text(64, r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}")
STAFF = Ref(model=User, rows=lambda actor: staff().filter(is_active=True))
_COMPANY = {field.name for field in fields(Company)}
_PERSON = {field.name for field in fields(Person)}
_LINK = {field.name for field in fields(Link)}


def _user(pk: UUID | None) -> User | None:
    return staff().get(pk=pk) if pk else None


def _company(values: dict[str, Any], by: Actor) -> dict[str, Any]:
    """The particulars among the columns."""
    found = {name: tuple(v) if name in Company.LISTS else v for name, v in values.items() if name in _COMPANY}
    if "parent_id" in values:
        parents = Partner.objects.visible_to(by)
        found["parent"] = parents.get(pk=values["parent_id"]) if values["parent_id"] else None
    return found


def _register(values: dict[str, Any], *, by: Actor, at: datetime) -> Partner:
    care = Care(_user(values.get("manager_id")), _user(values.get("backup_id")))
    begin = Start(values.get("status", PartnerStatus.ONBOARDING), values.get("joined_on"), care)
    return services.register(Company(**_company(values, by)), begin, by=by, at=at)


def _edit(partner: Partner, values: dict[str, Any], *, by: Actor, at: datetime) -> dict[str, Any]:
    if company := _company(values, by):
        services.edit(partner, replace(Company.of(partner), **company), by=by, at=at)
    if {"manager_id", "backup_id"} & set(values):
        manager, backup = (_user(values.get(n, getattr(partner, n))) for n in ("manager_id", "backup_id"))
        services.set_manager(partner, Care(manager, backup), by=by, at=at)
    return {}


PARTNERS = Resource(
    "partners",
    Partner,
    about="A company that sells with, for or through the vendor.",
    owner="id",
    verbs=frozenset({"create", "update"}),
    writers=("partner.edit", "profile.edit"),
    has_reference=True,
    natural=("name",),
    workflow=PARTNER,
    actions=MOVES,
    lists=(
        Rows("program_memberships", "program_memberships", "partner_id"),
        Rows("contacts", "contacts", "partner_id"),
        Rows("integrations", "integrations", "partner_id"),
    ),
    create=_register,
    update=_edit,
    fields=(
        Field("name", Text(200), required=True, null=False, filter=True),
        Field("legal_name", Text(200)),
        Field("status", Choice(PartnerStatus.values), write=CREATE, filter=True, null=False),
        Field("manager_user_id", STAFF, "manager_id", filter=True),
        Field("backup_user_id", STAFF, "backup_id", vendor=True),
        Field("parent_partner_id", Ref("partners"), "parent_id", vendor=True),
        Field("website", Website()),
        Field("domain", Text(255), write=READ, filter=True),
        Field("country", COUNTRY, filter=True),
        Field("region", Text(60), filter=True),
        Field("territories", Words(), null=False),
        Field("industries", Words(), null=False),
        Field("specialisations", Words(), null=False),
        Field("description", Text(2000)),
        Field("employee_count", Whole()),
        Field("tax_id", Text(40)),
        Field("default_currency", CURRENCY, null=False),
        Field("time_zone", _ZONE, null=False),
        Field("joined_at", Day(), "joined_on", write=CREATE),
        Field("is_listed", YesNo(), null=False),
        Field("merged_into_partner_id", Ref("partners"), "merged_into_id", write=READ, vendor=True),
    ),
)


def _add_contact(values: dict[str, Any], *, by: Actor, at: datetime) -> Contact:
    person = {name: value for name, value in values.items() if name in _PERSON}
    partner = Partner.objects.visible_to(by).get(pk=values["partner_id"])
    return services.add_contact(partner, _person(person), by=by, at=at)


def _person(values: dict[str, Any]) -> Person:
    return Person(**{name: tuple(v) if name == "roles" else v for name, v in values.items()})  # type: ignore[arg-type]


def _edit_contact(contact: Contact, values: dict[str, Any], *, by: Actor, at: datetime) -> dict[str, Any]:
    person = {name: value for name, value in values.items() if name in _PERSON}
    services.edit_contact(contact, replace(Person.of(contact), **person), by=by, at=at)
    return {}


CONTACTS = Resource(
    "contacts",
    Contact,
    about="A person at a partner; needs no sign-in.",
    owner="partner_id",
    verbs=frozenset({"create", "update", "delete"}),
    writers=("partner.edit", "profile.edit"),
    natural=("email",),
    unique={"contact_email_once": "email"},
    create=_add_contact,
    update=_edit_contact,
    fields=(
        Field("partner_id", Ref("partners"), write=CREATE, required=True, null=False, filter=True),
        Field("first_name", Text(80), personal=True),
        Field("last_name", Text(80), required=True, null=False, personal=True),
        Field("email", Email(), required=True, null=False, filter=True, personal=True),
        Field("phone", Text(20, r"\+[1-9][0-9]{4,14}"), personal=True, about="E.164, like +351912345678."),
        Field("job_title", Text(120)),
        Field("roles", Words(ContactRole.values), null=False),
        Field("is_primary", YesNo(), null=False, filter=True),
        Field("locale", Text(12, r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")),
        Field("time_zone", _ZONE),
        Field("portal_access", Choice(PortalAccess.values), write=READ, null=False, filter=True),
        Field("consent", Data(), write=READ, null=False),
    ),
)


def _key(values: dict[str, Any], program: Program | None) -> dict[str, Any]:
    return {} if program else {"key": slugify(values["name"])[:60] or f"program-{uuid7().hex[-8:]}"}


def _in_order(row: Any):
    if row["starts_on"] and row["ends_on"] and row["ends_on"] < row["starts_on"]:
        yield "ends_on", "It must not be before the start."


PROGRAMS = Resource(
    "programs",
    Program,
    about="A channel program with its tiers.",
    verbs=frozenset({"create", "update"}),
    writers=("program.edit",),
    lists=(Rows("tiers", "tiers", "program_id"),),
    prepare=_key,
    check=_in_order,
    natural=("name",),
    unique={"partners_program_key_key": "name"},
    fields=(
        Field("name", Text(120), required=True, null=False, filter=True),
        Field("program_type", Text(40), null=False),
        Field("status", Choice(ProgramStatus.values), write=CREATE, null=False, filter=True),
        Field("starts_on", Day()),
        Field("ends_on", Day()),
        Field("currency", CURRENCY, write=CREATE, null=False),
    ),
)


def _add_integration(values: dict[str, Any], *, by: Actor, at: datetime) -> Integration:
    partner = Partner.objects.visible_to(by).get(pk=values["partner_id"])
    told = {name: value for name, value in values.items() if name in _LINK}
    return services.add_integration(partner, _link(told), by=by, at=at)


def _link(values: dict[str, Any]) -> Link:
    return Link(**{name: tuple(v) if name == "products" else v for name, v in values.items()})  # type: ignore[arg-type]


def _edit_integration(row: Integration, values: dict[str, Any], *, by: Actor, at: datetime) -> dict[str, Any]:
    told: dict[str, Any] = {n: tuple(v) if n == "products" else v for n, v in values.items() if n in _LINK}
    services.edit_integration(row, replace(Link.of(row), **told), by=by, at=at)
    return {}


INTEGRATIONS = Resource(
    "integrations",
    Integration,
    about="Two products that work together. A live one of a listed partner is shown in the directory.",
    owner="partner_id",
    verbs=frozenset({"create", "update"}),
    writers=("partner.edit", "profile.edit"),
    workflow=INTEGRATION,
    natural=("name",),
    unique={"integration_name_once": "name"},
    create=_add_integration,
    update=_edit_integration,
    fields=(
        Field("partner_id", Ref("partners"), write=CREATE, required=True, null=False, filter=True),
        Field("name", Text(120), required=True, null=False, filter=True),
        Field("products", Words(), null=False),
        Field("direction", Choice(Direction.values), null=False),
        Field("built_by", Choice(Maker.values), null=False),
        Field("maintained_by", Choice(Maker.values), null=False),
        Field("status", Choice(IntegrationStatus.values), write=READ, null=False, filter=True),
        Field("link", Website()),
        Field("joint_customers", Whole(), null=False),
        Field("last_reviewed_on", Day(), "last_reviewed"),
        Field("live_since", Day(), write=READ),
    ),
    actions=(
        Action("try_out", services.try_out, "First customers use it.", "try_out"),
        Action("go_live", services.go_live, "Every customer can use it.", "go_live"),
        Action("retire", services.retire, "It is no longer offered.", "retire"),
        Action("plan_again", services.plan_again, "It is planned anew.", "plan_again"),
    ),
)
RESOURCES = (PARTNERS, CONTACTS, AGREEMENTS, PROGRAMS, INTEGRATIONS)
