"""The navigation shows what exists and what the reader may open."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory, override_settings
from django.urls import include, path, resolve

from core.actor import Actor
from prm import nav, theme


def page(_request):
    return HttpResponse()


portal = (
    [path("", page, name="home"), path("deals/", page, name="deals"), path("earnings/", page, name="earnings")],
    "portal",
)
urlpatterns = [path("portal/", include(portal)), path("theme/", theme.choose, name="theme")]
SALES = Actor(kind="partner")
FINANCE = Actor(kind="partner", permissions=frozenset({"earnings.read"}))

pytestmark = pytest.mark.urls("tests.look.test_nav")


class Person:
    is_authenticated = True
    is_staff = False
    email = "ada@acme.example"
    theme = "dark"
    shortcuts = True

    def get_full_name(self) -> str:
        return "Ada Prado"


def request(where: str, **cookies):
    one = RequestFactory().get(where)
    one.user, one.actor, one.resolver_match = Person(), SALES, resolve(where)
    one.COOKIES.update(cookies)
    return one


def names(actor: Actor, where: str = "/portal/") -> list[str]:
    return [entry.name for entry in nav.entries(nav.PORTAL, actor, where, {})]


def test_pages_that_do_not_exist_are_left_out():
    assert names(SALES) == ["portal:home", "portal:deals"]


def test_pages_that_need_a_permission_show_to_those_who_have_it():
    assert names(FINANCE) == ["portal:home", "portal:deals", "portal:earnings"]


@pytest.mark.parametrize(
    ("where", "here"), [("/portal/", ["portal:home"]), ("/portal/deals/D-1/", ["portal:deals"]), ("/else/", [])]
)
def test_the_entry_of_the_page_is_marked(where, here):
    assert [entry.name for entry in nav.entries(nav.PORTAL, SALES, where, {}) if entry.here] == here


def test_counts_stand_at_their_entry():
    assert [entry.count for entry in nav.entries(nav.PORTAL, SALES, "/portal/", {"portal:deals": 3})] == [0, 3]


def test_no_navigation_has_more_than_nine_entries():
    assert max(len(nav.PORTAL), len(nav.CONSOLE)) <= 9


@pytest.mark.django_db
def test_a_page_of_the_portal_gets_the_portals_frame():
    assert nav.navigation(request("/portal/deals/"))["frame"] == "portal.html"


@pytest.mark.parametrize(
    ("cookies", "chosen"),
    [({}, "dark"), ({"theme": "light"}, "light"), ({"theme": "system"}, ""), ({"theme": "x"}, "")],
)
def test_the_browsers_choice_of_colours_goes_before_the_accounts(cookies, chosen):
    assert nav.theme(request("/portal/", **cookies)) == chosen


def test_initials_are_of_first_and_last_name():
    assert nav.Person("Ada Prado", "").initials == "AP"


@override_settings(ALLOWED_HOSTS=["testserver"])
@pytest.mark.parametrize(
    ("back", "to"), [("/portal/", "/portal/"), ("https://evil.example/", "/"), ("//evil.example", "/")]
)
def test_choosing_colours_goes_back_to_our_own_pages_only(back, to):
    answer = theme.choose(RequestFactory().post("/theme/", {"theme": "dark", "next": back}))
    assert (answer.headers["Location"], answer.cookies["theme"].value) == (to, "dark")
