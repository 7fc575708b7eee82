"""What pages show of a review: who decides, what the program asks, what the owner of the opportunity said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.parts import Fact, Stage, Tag
from deals import rules
from deals.enums import OwnerAnswer
from deals.models import Approval, OwnerQuestion, Registration
from deals.rules import ApprovalStep, Policy
from deals.shown.deal import value
from deals.standing import policy_of
from partners.countries import country_name

_ANSWERED = {OwnerAnswer.MINE: "bad", OwnerAnswer.NOT_MINE: "good", OwnerAnswer.CO_SELL: "info"}
_KINDS = {"ordinary": gettext_lazy("Ordinary"), "tender": gettext_lazy("Tender"), "contract": gettext_lazy("Contract")}


def steps(deal: Registration, approvals: Sequence[Approval]) -> list[Stage]:
    """The steps of the approval: who said yes, whose turn it is."""
    done = {one.step: one for one in approvals}
    return [
        Stage(
            str(rules.APPROVER_WORDS[step["approver"]]),
            "done" if number < deal.steps_done else "here" if number == deal.steps_done else "",
            _signed(done.get(number)),
        )
        for number, step in enumerate(rules.steps_of(deal))
    ]


def _signed(approval: Approval | None) -> str:
    if approval is None or approval.decided_by is None:
        return ""
    return f"{approval.decided_by} · {date_format(approval.decided_at, 'j M')}"


def deciders(deal: Registration) -> str:
    """Who decides, in order: "Channel manager, then finance"."""
    words = [str(rules.APPROVER_WORDS[step["approver"]]) for step in rules.steps_of(deal)]
    return _(", then ").join([words[0], *(word.lower() for word in words[1:])])


def step_words(policy: Policy, currency: str) -> list[str]:
    """Who decides about deals of a program, and from when on: for somebody who has not sent one yet."""
    return [_step(step, currency) for step in policy.steps]


def _step(step: ApprovalStep, currency: str) -> str:
    who = str(rules.APPROVER_WORDS[step.approver])
    if step.from_amount is not None:
        value = f"{step.from_amount:,} {currency}"
        return _("%(who)s, from %(value)s on") % {"who": who, "value": value}
    if step.from_quantity is not None:
        return _("%(who)s, from %(pieces)s pieces on") % {"who": who, "pieces": f"{step.from_quantity:,}"}
    return who


# --- the program's questions and conditions


def answers(deal: Registration) -> list[Fact]:
    """The answers to the program's own questions."""
    asked = rules.questions(policy_of(deal), deal.motion)
    found = ((field.label, said(field.type, deal.extra.get(field.key))) for field in asked)
    return [Fact(label, words) for label, words in found if words not in (None, "")]


def said(kind: str, answer: Any) -> Any:
    """An answer as it is read."""
    if answer in (None, ""):
        return None
    if kind == "yes_no":
        return _("Yes") if answer else _("No")
    if kind == "date":
        return date.fromisoformat(answer)
    return choice_words(answer) if kind == "choice" else answer


def choice_words(word: str) -> Any:
    """A choice as it is read: our own words for the kinds of deals, the program's for the rest."""
    return _KINDS.get(word, word)


def conditions(policy: Policy, currency: str) -> list[str]:
    """What the program asks of a deal, as sentences for the partner."""
    told = (
        (policy.minimum_amount is not None, _least(policy, currency)),
        (policy.minimum_quantity, _("From %s pieces on.") % policy.minimum_quantity),
        (policy.excluded_countries, _("Not in: %s.") % ", ".join(map(country_name, policy.excluded_countries))),
        (policy.excluded_kinds, _("Not for: %s.") % ", ".join(str(_KINDS[k]).lower() for k in policy.excluded_kinds)),
        (policy.tender == "refused", _("Not for tenders.")),
        (policy.tender == "registered_before_publication", _("Tenders are registered before they are published.")),
        (policy.tender == "approved_before_publication", _("Tenders are approved before they are published.")),
        (policy.new_customers_only, _("For new customers only.")),
        (policy.no_vendor_contact_months, _months(policy.no_vendor_contact_months or 0)),
        (policy.not_in_pipeline, _("Not where our own team has an open opportunity.")),
        (policy.close_working_days_away, _soon(policy.close_working_days_away or 0)),
        (policy.minimum_tier, _("From the tier %s on.") % policy.minimum_tier),
        (policy.competitor_forbidden, _("You don't offer a competing product to the same customer.")),
        (
            policy.joint_call_above_units,
            _("Above %s pieces we call the customer together.") % policy.joint_call_above_units,
        ),
        (policy.capacity, _("%s protected deals at once.") % policy.capacity),
    )  # fmt: skip
    return [words for holds, words in told if holds]


def _least(policy: Policy, currency: str) -> str:
    words = _("From %(amount)s %(currency)s on.") if policy.minimum_suffices else _("Above %(amount)s %(currency)s.")
    amount = f"{policy.minimum_amount:,}" if policy.minimum_amount is not None else ""
    return words % {"amount": amount, "currency": currency}


def _months(months: int) -> str:
    words = ngettext(
        "Not where our own team was in contact within %d month.",
        "Not where our own team was in contact within %d months.",
        months,
    )
    return words % months


def _soon(days: int) -> str:
    words = ngettext("At least %d working day before the close.", "At least %d working days before the close.", days)
    return words % days


# --- the owner of the opportunity


@dataclass(frozen=True)
class Asked:
    """One question to an owner, for the vendor."""

    email: str
    asked_at: datetime
    answer: Tag | None
    note: str
    open: bool


def asked_owners(questions: Sequence[OwnerQuestion], zone: str, at: datetime) -> list[Asked]:
    return [
        Asked(
            one.email,
            one.answered_at or one.asked_at,
            Tag(one.get_answer_display(), _ANSWERED[OwnerAnswer(one.answer)]) if one.answer else None,
            one.note,
            not one.answer and at < rules.owner_answer_ends(one.asked_at, zone),
        )
        for one in questions
    ]


def owner_facts(question: OwnerQuestion) -> list[Fact]:
    """The deal as its possible owner on our side sees it: what this partner told, and nothing of others."""
    deal, direct = question.registration, question.opportunity
    rows = [
        Fact(_("Customer"), deal.account_name),
        Fact(_("Website"), deal.website),
        Fact(_("Country"), country_name(deal.country)),
        Fact(_("Partner"), deal.partner.name),
        Fact(_("Product"), deal.product.name if deal.product else None),
        Fact(_("Value, first year"), value(deal)),
        Fact(_("Expected close"), deal.expected_close_on),
        Fact(_("Need"), deal.need),
        Fact(_("Your opportunity"), direct.name or direct.reference if direct else None),
    ]
    return [row for row in rows if row.value]
