"""What a program says about the life of its partners, as data: who may join alone, what a newcomer does. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partners.enums import DoneBy, PartnerType

KINDS_OF_EVENT = (
    "registration", "lead", "win", "joint_win", "implementing", "touch", "integration", "campaign", "usage",
)  # fmt: skip
_EVERYBODY = "default"


@dataclass(frozen=True)
class Task:
    """A line of a checklist."""

    key: str
    title: Any  # may be lazily translated
    done_by: str
    required: bool = True
    note: str = ""

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        return cls(data["key"], data["title"], data["done_by"], data.get("required", True), data.get("note", ""))


@dataclass(frozen=True)
class Lifecycle:
    """What a program's data say; what they leave out is as usual."""

    self_sign_up: bool
    onboarding: Mapping[str, Any]  # type of partner, or default → list of tasks
    qualifying: Mapping[str, Any]  # type of partner → kinds of commercial events

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        return cls(data.get("self_sign_up", False), data.get("onboarding", {}), data.get("qualifying", {}))

    def tasks(self, partner_type: str) -> tuple[Task, ...]:
        """What a newcomer of this type does, in order."""
        named = self.onboarding.get(partner_type, self.onboarding.get(_EVERYBODY))
        return usual(partner_type) if named is None else tuple(Task.of(one) for one in named)


def usual(partner_type: str) -> tuple[Task, ...]:
    """The checklist of programs that say nothing: short, and by what the type does."""
    start = (
        Task("terms", _("Accept the terms"), DoneBy.TERMS),
        Task("profile", _("Complete the company profile"), DoneBy.PROFILE),
        Task("colleague", _("Invite a colleague"), DoneBy.COLLEAGUE, required=False),
    )
    own = _USUAL.get(partner_type, ())
    return (*start, *own, _first_deal(partner_type)) if partner_type not in _WITHOUT_DEALS else (*start, *own)


def _first_deal(partner_type: str) -> Task:
    words = _("Refer your first customer") if partner_type == PartnerType.REFERRAL else _("Register your first deal")
    return Task("first_deal", words, DoneBy.FIRST_DEAL)


_WITHOUT_DEALS = (PartnerType.INTEGRATION, PartnerType.TECHNOLOGY, PartnerType.OEM)
_USUAL: dict[str, tuple[Task, ...]] = {
    PartnerType.RESELLER: (Task("tax_form", gettext_lazy("Send your tax form"), DoneBy.DOCUMENT),),
    PartnerType.AGENCY: (Task("references", gettext_lazy("Send two references"), DoneBy.DOCUMENT),),
    PartnerType.OEM: (Task("usage", gettext_lazy("Agree how usage is reported"), DoneBy.APPROVAL),),
    PartnerType.INTEGRATION: (Task("build", gettext_lazy("Show us the integration"), DoneBy.APPROVAL),),
    PartnerType.TECHNOLOGY: (Task("build", gettext_lazy("Show us the integration"), DoneBy.APPROVAL),),
}


# --- what is wrong in such data -------------------------------------------------------------------------------------


def faults(data: Any) -> list[tuple[str, str]]:
    """(path, reason) of everything wrong."""
    if not isinstance(data, Mapping):
        return [("", _("enter a line for each key, like self_sign_up: yes."))]
    found = [(str(key), _("there is no such key.")) for key in data if key not in _CHECKS]
    return found + [fault for key, check in _CHECKS.items() if key in data for fault in check(data[key])]


def _yes_or_no(value: Any) -> list[tuple[str, str]]:
    return [] if isinstance(value, bool) else [("self_sign_up", _("enter yes or no."))]


def _checklists(value: Any) -> list[tuple[str, str]]:
    if not isinstance(value, Mapping):
        return [("onboarding", _("enter a list of tasks for each type of partner."))]
    found: list[tuple[str, str]] = []
    for kind, tasks in value.items():
        if kind != _EVERYBODY and kind not in PartnerType.values:
            found.append((f"onboarding.{kind}", _("there is no such type of partner.")))
        elif not isinstance(tasks, list):
            found.append((f"onboarding.{kind}", _("enter a list of tasks.")))
        else:
            found += [fault for n, task in enumerate(tasks) for fault in _task(f"onboarding.{kind}[{n}]", task, tasks)]
    return found


def _task(path: str, task: Any, among: list[Any]) -> list[tuple[str, str]]:
    if not isinstance(task, Mapping) or not {"key", "title", "done_by"} <= set(task):
        return [(path, _("a task has a key, a title and done_by."))]
    found = [(f"{path}.{name}", _("there is no such key.")) for name in task if name not in _TASK]
    texts = [name for name in ("key", "title", "note") if not isinstance(task.get(name, ""), str)]
    found += [(f"{path}.{name}", _("enter a text.")) for name in texts]
    if task["done_by"] not in DoneBy.values:
        found.append((f"{path}.done_by", _("enter one of: %s.") % ", ".join(DoneBy.values)))
    if not isinstance(task.get("required", True), bool):
        found.append((f"{path}.required", _("enter yes or no.")))
    if sum(isinstance(other, Mapping) and other.get("key") == task["key"] for other in among) > 1:
        found.append((f"{path}.key", _("another task has this key.")))
    return found


_TASK = ("key", "title", "done_by", "required", "note")


def _qualifying(value: Any) -> list[tuple[str, str]]:
    if not isinstance(value, Mapping):
        return [("qualifying", _("enter a list of kinds of events for each type of partner."))]
    found: list[tuple[str, str]] = []
    for kind, events in value.items():
        if kind not in PartnerType.values:
            found.append((f"qualifying.{kind}", _("there is no such type of partner.")))
        elif not isinstance(events, list) or not set(map(str, events)) <= set(KINDS_OF_EVENT):
            found.append((f"qualifying.{kind}", _("enter some of: %s.") % ", ".join(KINDS_OF_EVENT)))
    return found


_CHECKS = {"self_sign_up": _yes_or_no, "onboarding": _checklists, "qualifying": _qualifying}
