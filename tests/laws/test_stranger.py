"""A stranger walks every address with ids of others, and takes nothing home."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import caches
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from core.models import Event
from core.querysets import PartnerQuerySet
from partners.roles import of_member, of_staff
from tests.laws import routes as table
from tests.laws.routes import Route, Rule, Unused, expected, rule_of, rules, without_rule
from tests.laws.source import none
from tests.laws.test_templates import against_policy
from tests.laws.world import CANARY, World, scoped_models, snapshot
from tests.sampled import LONG

METHODS = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE")
PARTNER = {"ada": "sales", "bo": "admin", "max": "marketing", "fay": "finance", "vic": "viewer"}
VENDOR = {
    "mona": "channel_manager",
    "mark": "channel_marketing",
    "olga": "channel_operations",
    "finn": "finance",
    "eve": "executive",
    "root": "administrator",
    "sue": "viewer",
}
KEYS = ("acme key", "acme reader", "vendor key")
STRANGERS = (*PARTNER, "lone", "acme key", "acme reader")
THOROUGH = ("bo", "acme key")  # who may most tries every method at doors that are open, the others what browsers send
# Who may less walks a part of the addresses, so that together they see each.
TAKING_TURNS = () if LONG else ("ada", "max", "fay", "vic", "lone", "acme reader")

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.sampled]


@pytest.fixture(autouse=True)
def _mail_in_files(settings, tmp_path):
    """As it is without a mail server: the console shows the letters."""
    settings.EMAIL_BACKEND, settings.MAIL_DIR = "core.mail.FileBackend", tmp_path


# --- who walks -------------------------------------------------------------------------------------------------------


def kind_of(who: str) -> str:
    if who in KEYS:
        return "key"
    return "vendor" if who in VENDOR else "anonymous" if who == "anonymous" else "partner"


def may(who: str, permission: str) -> bool:
    held = of_staff(VENDOR[who]) if who in VENDOR else of_member(PARTNER.get(who, ""))
    return not permission or permission in held


def client_of(world: World, who: str) -> Client:
    client = Client(raise_request_exception=False)
    if who in KEYS:
        client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {world.keys[who]}"
    elif who != "anonymous":
        client.force_login(world.people[who])
    return client


# --- the ground ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stop:
    """One address to try: a route with its places filled."""

    route: Route
    rule: Rule
    path: str
    unused: str  # the same address with ids that nobody has
    words: tuple[str, ...]  # what stood in the places of both

    @property
    def names_a_record(self) -> bool:
        return self.path != self.unused


def stops(world: World) -> tuple[Stop, ...]:
    """Every address, filled with Cobalt's records."""
    made = tuple((label, row.pk) for label, row in world.foreign.items())
    if made not in _stops:
        _stops[made] = tuple(_all_stops(world))
    return _stops[made]


_stops: dict[Any, tuple[Stop, ...]] = {}  # by the records they are filled with


def _all_stops(world: World) -> Iterator[Stop]:
    for route in table.routes():
        rule = rule_of(route)
        if rule is not None and not rule.skip:
            for verb in rule.verbs or route.verbs if "verb" in route.places else ("",):
                yield _stop(world, route, rule, verb)


def _stop(world: World, route: Route, rule: Rule, verb: str) -> Stop:
    rows = {place: _row(world, route, rule, place) for place in route.places}
    values = {place: table.word(place, row, verb, rule) for place, row in rows.items()}
    missing = {p: table.word(p, None if row is None else Unused(row), verb, rule) for p, row in rows.items()}
    if any(row is not None and not _is_scoped(row) for row in rows.values()):
        missing = values  # a program, a tier, a colleague of the vendor's: nobody's in particular
    words = tuple(w for p in rows if values[p] != missing[p] for w in (values[p], missing[p]))
    return Stop(route, rule, route.address(values), route.address(missing), words)


def _is_scoped(row: Any) -> bool:
    return type(row) in _scoped() or type(row) is User


_scoped = cache(lambda: frozenset(scoped_models()))


def _row(world: World, route: Route, rule: Rule, place: str) -> Any:
    label = rule.of.get(place, "") if isinstance(rule.of, dict) else rule.of
    label = label or route.model_label
    if not label or place in ("verb", "system"):
        return None
    if label == "accounts.User":
        return world.people["mark"]
    return world.foreign.get(label) or apps.get_model(label)._base_manager.order_by("pk").first()


def ask(client: Client, method: str, path: str, **more: Any) -> HttpResponse:
    caches["default"].clear()  # limits of frequency are not what is tried here
    kind = "application/json" if path.startswith("/api/") else "application/x-www-form-urlencoded"
    body = "{}" if kind == "application/json" and method != "GET" else ""
    return client.generic(method, path, body, content_type=kind, **more)


def told(response: HttpResponse) -> str:
    """Everything an answer says: head and body."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return "\n".join(f"{k}: {v}" for k, v in response.items()) + "\n" + body.decode(errors="replace")


_NOISE = (
    re.compile(r'name="csrfmiddlewaretoken" value="\w+"'),
    re.compile(r'"X-CSRFToken": "\w+"|X-CSRFToken&quot;: &quot;\w+'),
    re.compile(r"\b[0-9a-f]{32}\b"),
    re.compile(r"(?im)^(?:x-request-id|x-ratelimit-\S+|ratelimit\S*|content-length|date|expires|set-cookie): .*$"),
)


def essence(response: HttpResponse, stop: Stop) -> str:
    """What an answer says, without ids of requests, tokens and the ids that were asked for."""
    text = f"{response.status_code}\n{told(response)}"
    for word in sorted(stop.words, key=len, reverse=True):
        text = text.replace(word, "<id>")
    for noise in _NOISE:
        text = noise.sub("", text)
    return text


# --- every address has a rule ----------------------------------------------------------------------------------------


def test_every_address_has_a_rule():
    none(without_rule(table.routes(), rules()))


def test_an_address_without_a_rule_is_found():
    planted = Route("portal:secrets", "portal/secrets/", None)
    assert without_rule([planted], rules()) == ["portal:secrets"]


def test_every_rule_is_about_an_address():
    known = rules()
    used = {id(rule_of(route, known)) for route in table.routes()}
    none([name for name, rule in known.items() if id(rule) not in used])


# --- each person gets what the table says ----------------------------------------------------------------------------


def answers_against_the_table(world: World, who: str) -> Iterator[str]:
    client = client_of(world, who)
    for number, stop in enumerate(stops(world)):
        if stop.names_a_record and kind_of(who) in ("partner", "key"):
            continue  # the walks below
        if not _is_turn_of(who, stop, number):
            continue
        response = ask(client, "GET", stop.path)
        wanted = expected(stop.rule, kind_of(who), may(who, _needs(stop)))
        if response.status_code != wanted:
            yield f"{stop.path} ({stop.route.name}): {response.status_code}, not {wanted}"
        yield from _against_policy(response, stop)
        yield from _tales(response, stop.path) if who not in VENDOR else []


def _is_turn_of(who: str, stop: Stop, number: int) -> bool:
    """In the short form one of those goes to whom the table promises the same; who it is changes from stop to stop."""
    if LONG or who == "anonymous":
        return True
    all_like_me, needed = PARTNER if who in PARTNER else VENDOR, _needs(stop)
    alike = [one for one in all_like_me if may(one, needed) == may(who, needed)]
    return alike[number % len(alike)] == who


def _tales(response: HttpResponse, name: str) -> list[str]:
    """What an answer tells about Cobalt."""
    text = told(response)
    if CANARY not in text and "canary-cobalt" not in text:
        return []
    at = max(text.find(CANARY), text.find("canary-cobalt"))
    return [f"{name} tells about Cobalt: {' '.join(text[max(0, at - 60) : at + 40].split())}"]


def _needs(stop: Stop) -> str:
    if stop.route.name.endswith("<path:object_id>/"):  # leads on to the record's page, which asks
        return stop.rule.needs
    return stop.rule.needs or getattr(getattr(stop.route.view, "model_admin", None), "permission", "")


def _against_policy(response: HttpResponse, stop: Stop) -> list[str]:
    if not response.headers.get("Content-Type", "").startswith("text/html") or response.streaming:
        return []
    return against_policy([(f"{stop.path}.html", response.content.decode())])


@pytest.mark.parametrize("who", ["anonymous", *PARTNER, *VENDOR])
def test_everybody_gets_what_the_table_says(world, who):
    """At each address somebody who may and somebody who may not, of both sides; `make fuzz`: everybody everywhere."""
    none(list(answers_against_the_table(world, who)))


def test_an_answer_against_the_table_is_found(world, monkeypatch):
    monkeypatch.setattr("core.doors.Page.dispatch", lambda self, request, *a, **k: HttpResponse("come in"))
    assert len(list(islice(answers_against_the_table(world, "anonymous"), ENOUGH))) == ENOUGH


# --- a stranger learns nothing ---------------------------------------------------------------------------------------


def takings(world: World, who: str, thorough: bool = True) -> Iterator[str]:
    """What a stranger brings home: a canary, a rival's id told from an unused one, a broken page, a changed row.

    In the short form those who are not thorough don't ask for unused ids.
    """
    client, before = client_of(world, who), snapshot()
    twins = Twins(client)
    for number, stop in enumerate(_turn_of(who, stops(world))):
        for method in _methods(who, stop, thorough, number):
            response = ask(client, method, stop.path)
            name = f"{method} {stop.path} ({stop.route.name}): {response.status_code}"
            yield from _tales(response, name)
            if response.status_code >= 500:
                yield f"{name} is broken"
            if stop.names_a_record:
                closed = table.doors()[stop.rule.door][kind_of(who)] != 200
                yield from twins.differences(response, method, stop, closed) if thorough or LONG else ()
                if not _refused(response, method, stop, kind_of(who)):
                    yield f"{name} is no refusal"
    after = snapshot()
    yield from (f"{table_name} has changed" for table_name in before if before[table_name] != after[table_name])


class Twins:
    """What unused ids are told, to compare with what a rival's are.

    In the short form that is asked once at each address, and again where a rival's id is told anything else than what
    unused ones are told at such doors: that there is no such page, or that the door is closed.
    """

    def __init__(self, client: Client) -> None:
        self.client = client
        self.asked: set[str] = set()  # routes
        self.usual: set[tuple[str, bool, str]] = set()

    def differences(self, response: HttpResponse, method: str, stop: Stop, closed: bool) -> Iterator[str]:
        found = essence(response, stop)
        answer = (stop.rule.door, closed, found)
        if not LONG and stop.route.template in self.asked and answer in self.usual:
            return
        other = ask(self.client, method, stop.unused)
        self.asked.add(stop.route.template)
        if found != essence(other, stop):
            name = f"{method} {stop.path} ({stop.route.name}): {response.status_code}"
            yield f"{name} differs from an unused id: {other.status_code}"
        elif closed or other.status_code == 404:
            self.usual.add(answer)


def _turn_of(who: str, all_stops: tuple[Stop, ...]) -> Iterator[Stop]:
    """The addresses that somebody walks."""
    if who not in TAKING_TURNS:
        return iter(all_stops)
    named = (stop for stop in all_stops if stop.names_a_record)
    return islice(named, TAKING_TURNS.index(who), None, len(TAKING_TURNS))


def _methods(who: str, stop: Stop, thorough: bool, number: int) -> tuple[str, ...]:
    """What somebody tries at an address.

    The short form tries one of the methods that no browser sends at each open door, another one at the next; and where
    the second wall stands alone, reading at one and writing at the next. It sends every verb of a page, and reads at some.
    """
    if not stop.names_a_record:
        return () if who in PARTNER and thorough else ("GET",)  # else the table's walk was there
    first = who in THOROUGH and thorough
    if table.doors()[stop.rule.door][kind_of(who)] != 200:
        return _at_a_closed_door(first, thorough, number)
    if not (thorough or LONG):
        return METHODS[number % 2 :][:1]
    rare = METHODS[2:] if LONG else METHODS[2 + number % (len(METHODS) - 2) :][:1]
    if first and "verb" in stop.route.places and not LONG:  # all the verbs of a page are one door
        return ("POST", *(("GET",), rare, ())[number % 3])
    return ("GET", "POST", *rare) if first else ("GET", "POST")


def _at_a_closed_door(first: bool, thorough: bool, number: int) -> tuple[str, ...]:
    """It asks neither for the method nor for the role: who may most knocks twice, the others once, and walls are behind.

    In the short form who may most knocks once, too, now to read and now to write; and nobody where a wall stands alone.
    """
    if LONG:
        return ("GET", "POST") if first else ("GET",)
    return METHODS[first * (number % 2) :][:1] if thorough else ()


def _refused(response: HttpResponse, method: str, stop: Stop, kind: str) -> bool:
    door = table.doors()[stop.rule.door][kind]
    if response.status_code in (401, 403, 404, 405, 415, 428) or response.status_code == door != 200:
        return True
    if method == "OPTIONS":  # tells the methods of the page, asks for no record
        return response.status_code == 200
    # The address of a verb leads back to its page, whose address is refused.
    return response.status_code == 302 and method in ("GET", "HEAD") and "verb" in stop.route.places


@pytest.mark.parametrize("who", STRANGERS)
def test_a_stranger_takes_nothing_home(world, who):
    """All of Cobalt's addresses by who may most; those who may less share them, unless it is the long form."""
    none(list(takings(world, who)))


@pytest.mark.parametrize("who", THOROUGH)
def test_the_second_wall_alone_keeps_a_stranger_out(world, who, monkeypatch):
    monkeypatch.setattr(PartnerQuerySet, "first_wall", False)
    none(list(takings(world, who, thorough=False)))


def test_a_hole_is_found(world, monkeypatch):
    """Cobalt's own Cy, and Bo once both walls are down, do find the canaries."""
    assert len(_tell_tales(world, "cy")) == ENOUGH
    monkeypatch.setattr(PartnerQuerySet, "first_wall", False)
    monkeypatch.setattr("core.scope._tell_database", lambda actor, using: _open(using))
    assert len(_tell_tales(world, "bo")) == ENOUGH


ENOUGH = 4  # canaries, then the walk need not go on


def _tell_tales(world: World, who: str) -> list[str]:
    found = (fault for fault in takings(world, who, thorough=False) if "tells about Cobalt" in fault)
    return list(islice(found, ENOUGH))


def _open(using: str) -> None:
    from django.db import connections  # noqa: PLC0415 - only the planted hole needs it

    with connections[using].cursor() as cursor:
        cursor.execute("SELECT set_config('app.sees_all', 'on', true)")


# --- lists -----------------------------------------------------------------------------------------------------------


def tricks(world: World, door: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Ways to ask a list for somebody else's rows: (query, headers). The API refuses all for one it doesn't know."""
    cobalt = world.cast.cobalt
    names = ("partner", "partner_id", "tenant", "partner__id", "partner_id__in", "of_partner")
    texts = [f"{name}={CANARY.rstrip('-')}" for name in ("q", "search", "name", "account_name", "website")]
    for value in (cobalt.pk, cobalt.public_id, cobalt.reference):
        yield from _asked([f"{name}={value}" for name in names], door)
        names = names[:2] if door == "api" else names  # the others it doesn't know, whatever they say
    yield from _asked(texts, door)
    yield texts[0], {}
    yield from _asked(["show=all&all=1&sees_all=on", "include_deleted=true", "expand=partner,account"], door)
    yield "", {f"HTTP_{name}": str(cobalt.pk) for name in ("X_TENANT", "X_PARTNER_ID", "X_PARTNER")}


def _asked(queries: list[str], door: str) -> list[tuple[str, dict[str, str]]]:
    return [(query, {}) for query in (queries if door == "api" else ["&".join(queries)])]


def leaks_of_lists(world: World, who: str) -> list[str]:
    client, faults = client_of(world, who), []
    door = "api" if who in KEYS else "portal"
    for number, stop in enumerate(stops(world)):
        if stop.rule.door == door and not stop.names_a_record:
            for query, head in _some(list(tricks(world, door)), number):
                response = ask(client, "GET", f"{stop.path}?{query}", **head)
                if CANARY in told(response):
                    faults += _tales(response, f"{stop.path}?{query} {head}")
                if response.status_code >= 500:
                    faults.append(f"{stop.path}?{query} {head} is broken")
    return faults


def _some(all_tricks: list[tuple[str, dict[str, str]]], number: int) -> list[tuple[str, dict[str, str]]]:
    """In the short form a sixth of many tricks or half of some, other ones at the next list."""
    share = 1 if LONG else 2 if len(all_tricks) < 9 else 6
    return all_tricks[number % share :: share]


@pytest.mark.parametrize("who", ["bo", "acme key"])
def test_no_list_gives_away_rows_of_others(world, who):
    none(leaks_of_lists(world, who))


# --- ids in what is sent ---------------------------------------------------------------------------------------------


def test_a_draft_with_the_id_of_another_partners_deal_writes_nothing_there(world):
    theirs = world.row("deals.Registration")
    before, events = snapshot()["deals_registration"], Event.objects.filter(subject_id=theirs.pk).count()
    client = client_of(world, "ada")
    for path in ("/portal/deals/draft/", "/portal/deals/new/"):
        response = ask_form(client, path, {"draft": str(theirs.pk), "account_name": "Mine", "website": "mine.example"})
        assert response.status_code < 500
        assert CANARY not in told(response)
    theirs.refresh_from_db()
    assert theirs.partner == world.cast.cobalt
    assert Event.objects.filter(subject_id=theirs.pk).count() == events
    assert before == snapshot()["deals_registration"] or theirs.account_name.startswith(CANARY)


def ask_form(client: Client, path: str, data: dict[str, str]) -> HttpResponse:
    caches["default"].clear()
    return client.post(path, data)
