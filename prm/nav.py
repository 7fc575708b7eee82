"""Where one can go: the navigation of portal and console, as far as the addresses exist and the actor may."""

from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from core import clock, slots
from core.actor import NOBODY, Actor
from core.querysets import sizes
from prm.offered import left_out

# url name, label, icon, permission (None = everybody of that side)
Line = tuple[str, Any, str, str | None]

PORTAL: tuple[Line, ...] = (
    ("portal:home", _("Home"), "home", None),
    ("portal:deals", _("Deals"), "deal", None),
    ("portal:leads", _("Leads"), "inbox", None),
    ("portal:mdf", _("Market funds"), "wallet", None),
    ("portal:campaigns", _("Campaigns"), "megaphone", None),
    ("portal:training", _("Training"), "book", None),
    ("portal:assets", _("Assets"), "image", None),
    ("portal:earnings", _("Earnings"), "receipt", "earnings.read"),
    ("portal:tier", _("Tier"), "award", None),
)
CONSOLE: tuple[Line, ...] = (
    ("admin:index", _("My queue"), "list", None),
    ("admin:deals_registration_changelist", _("Deals"), "deal", None),
    ("admin:partners_partner_changelist", _("Partners"), "building", None),
    ("admin:leads", _("Leads"), "inbox", None),
    ("admin:mdf_request_changelist", _("Market funds"), "wallet", None),
    ("admin:payout_runs", _("Payouts"), "wallet", "payout.prepare"),
    ("admin:recruitment", _("Recruitment"), "target", None),
    ("admin:program_tiers", _("Program rules"), "settings", None),
    ("metrics:dashboard", _("Dashboard"), "chart", "metric.read"),
)
PORTAL_ACCOUNT: tuple[Line, ...] = (
    ("portal:promise", _("Our promise to you"), "shield", None),
    ("portal:together", _("Working together"), "layers", None),
    ("portal:team", _("Team"), "users", None),
    ("portal:profile", _("Company profile"), "building", None),
    ("portal:agreements", _("Agreements"), "file", None),
    ("portal:developers", _("Developers"), "code", "key.create"),
    ("portal:settings", _("Notification settings"), "bell", None),
)
ACCOUNT: tuple[Line, ...] = (
    ("account_email", _("E-mail addresses"), "mail", None),
    ("account_change_password", _("Password"), "lock", None),
    ("mfa_index", _("Two-step sign-in"), "shield", None),
    ("demo", _("Tour of the demo"), "play", None),  # where the demo is
)
FOOT: tuple[Line, ...] = (
    ("directory:index", _("Find a partner"), "search", None),
    ("public:apply", _("Become a partner"), "users", None),
    ("api-docs", _("API"), "code", None),
)
STAFF_ACCOUNT: tuple[Line, ...] = (
    ("admin:directory", _("All records"), "layers", None),
    ("account_preferences", _("Your settings"), "settings", None),
    ("admin:absences", _("Absences"), "clock", None),
    ("admin:promise", _("Our promise"), "shield", None),
    ("admin:tier_reviews", _("Tier reviews"), "award", None),
    ("admin:staff", _("Colleagues"), "users", "staff.manage"),
    ("admin:regions", _("Managers and regions"), "layers", "staff.manage"),
    ("admin:keeping", _("How long we keep people"), "clock", "staff.manage"),
    ("admin:keys", _("API keys"), "key", "vendor_key.create"),
    ("admin:deal_terms_first", _("Deal terms"), "shield", "program.edit"),
    ("admin:agreement_texts", _("Terms of partners"), "file", "program.edit"),
    ("admin:revenue", _("Revenue of deals"), "receipt", "revenue.enter"),
    ("admin:rates", _("Exchange rates"), "refresh", "rate.edit"),
    ("admin:imports", _("Imports"), "upload", "crm.import"),
    ("admin:deliveries", _("Deliveries"), "refresh", "delivery.manage"),
    ("admin:mail", _("Mail"), "mail", None if settings.PRM_DEMO else "delivery.manage"),
    ("admin:developers", _("Developers"), "code", "staff.manage"),
)
BELLS = {"portal": "portal:notifications", "console": "admin:notifications"}
SEARCHES = {"portal": "portal:search", "console": "admin:search"}
HELPS = {"portal": "portal:help", "console": "admin:help"}
ON_PHONE = 3  # entries of the bottom bar beside "More"


@dataclass(frozen=True, slots=True)
class Entry:
    """A link of a navigation; `count` = how many wait for the reader there."""

    name: str
    href: str
    label: Any
    icon: str
    here: bool = False
    count: int = 0


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    email: str

    @property
    def initials(self) -> str:
        return "".join(word[0] for word in self.name.replace(".", " ").split()[:2]).upper()


def address(name: str) -> str:
    """The address of a page, or nothing when this installation has no such page."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def entries(lines: tuple[Line, ...], actor: Actor, path: str, counts: dict[str, int]) -> list[Entry]:
    """The lines that lead somewhere and are open to the actor; the one that fits the path best is marked."""
    open_lines = [line for line in lines if line[3] is None or actor.can(line[3])]
    found = [
        Entry(n, href, label, icon, count=counts.get(n, 0)) for n, label, icon, _p in open_lines if (href := address(n))
    ]
    best = max((e.href for e in found if _covers(e, path)), key=len, default=None)
    return [replace(e, here=e.href == best) for e in found]


def _covers(entry: Entry, path: str) -> bool:
    if entry.name in {"portal:home", "admin:index"}:
        return path == entry.href
    return path.startswith(entry.href)


def area(request: HttpRequest) -> str:
    """portal, console or public: by the page first, then by who reads it."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return "public"
    match = request.resolver_match
    if match and "portal" in match.namespaces:
        return "portal"
    return "console" if user.is_staff else "portal"


def counts(actor: Actor) -> dict[str, int]:
    """What waits, by url name, from everyone who fills the slot `nav_count`: of each the first set that has rows."""
    said = dict(slots.ask("nav_count", actor, None, at=clock.now()))
    found = sizes({f"{name} {i}": rows for name, sets in said.items() for i, rows in enumerate(sets)})
    return {name: next((n for i in range(len(sets)) if (n := found[f"{name} {i}"])), 0) for name, sets in said.items()}


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the frame's navigation, search, bell, account menu and theme."""
    where, actor = area(request), getattr(request, "actor", NOBODY)
    context = {
        "area": where,
        "frame": f"{where}.html",
        "theme": theme(request),
        "theme_url": address("theme"),
        "portal_name": portal_name(where),
        "watching": vars(request).get("watching"),
    }
    if where == "public":
        return context | {"home": "/", "login_url": address("account_login"), "foot_nav": entries(FOOT, actor, "", {})}
    return context | signed_in(request, where, actor)


def offered(actor: Actor) -> tuple[Line, ...]:
    """The portal's lines without those of benefits that the partner doesn't have."""
    hidden = left_out(actor, clock.now())
    return tuple(line for line in PORTAL if line[0] not in hidden)


def signed_in(request: HttpRequest, where: str, actor: Actor) -> dict[str, Any]:
    if not getattr(request, "has_frame", True):
        return {"home": address((PORTAL if where == "portal" else CONSOLE)[0][0])}
    waiting = counts(actor) if actor is not NOBODY else {}
    nav = entries(offered(actor) if where == "portal" else CONSOLE, actor, request.path, waiting)
    own = entries(PORTAL_ACCOUNT if where == "portal" else STAFF_ACCOUNT, actor, request.path, waiting)
    bell = entries(((BELLS[where], _("Notifications"), "bell", None),), actor, request.path, waiting)
    return {
        "nav": nav,
        "bottom_nav": nav[:ON_PHONE],
        "more_nav": nav[ON_PHONE:],
        "account_menu": own + entries(ACCOUNT, actor, request.path, {}),
        "bell": bell[0] if bell else None,
        "search_url": address(SEARCHES[where]),
        "help_url": address(HELPS[where]),
        "logout_url": address("account_logout"),
        "home": nav[0].href if nav else "/",
        "person": person(request.user),
        "shortcuts": "on" if getattr(request.user, "shortcuts", True) else "off",
    }


def person(user: Any) -> Person:
    return Person(user.get_full_name() or user.get_username(), user.email)


def theme(request: HttpRequest) -> str:
    """light or dark where the reader chose one, in this browser or for the account; else the system decides."""
    account = getattr(getattr(request, "user", None), "theme", "")
    chosen = request.COOKIES.get("theme") or account
    return chosen if chosen in {"light", "dark"} else ""


def portal_name(where: str) -> Any:
    vendor = settings.VENDOR_NAME
    if not vendor:
        return _("Channel console") if where == "console" else _("Partner portal")
    return vendor if where == "console" else _("%s Partners") % vendor
