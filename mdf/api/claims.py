"""Claims with their invoices and proofs, and every step until they are paid."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from core.actor import Actor
from core.api.clean import Invalid
from core.api.containers import Data
from core.api.kinds import Bad, Choice, Day, Kind, Moment, Number, Schema, Text, Whole, YesNo, money
from core.api.lists import Object, Objects
from core.api.resources import CREATE, READ, Action, Field, Nested, Ref, Resource, same
from core.errors import Refused
from core.ids import parse_public_id
from core.models import StoredFile
from mdf import plans, services
from mdf.api.words import ANSWER, OWN_CURRENCY, PARTNER, QUESTION, REASON
from mdf.enums import ClaimStatus, PaymentMethod, ProofKind, ProofStatus
from mdf.models import Activity, BudgetLine, Claim, InvoiceLine, Proof
from mdf.particulars import ClaimDecision, ClaimPlan, Invoiced, Look, Order, Shown, Words
from mdf.rates import rate_of
from mdf.workflow import CLAIM
from partners.api import CURRENCY, STAFF

_OF_CLAIM = (PARTNER, Field("claim_id", Ref("mdf_claims"), write=READ, null=False, filter=True))
_LOOKED_AT = (
    Field("status", Choice(ProofStatus.values), write=READ, null=False, filter=True),
    Field("reason", Text(500), write=READ, about="Why it is not accepted."),
    Field("twin", Text(300), write=READ, vendor=True, about="Where the same stands already."),
)
_LINE = Ref(model=BudgetLine, rows=BudgetLine.objects.visible_to)
_FILE = Ref(model=StoredFile, rows=StoredFile.objects.visible_to)
_INVOICE = (
    Field("budget_line_id", _LINE),
    Field("supplier", Text(160), required=True, null=False),
    Field("invoice_number", Text(80), required=True, null=False, filter=True),
    Field("invoice_date", Day(), required=True, null=False),
    Field("net_amount", money(positive=True), required=True, null=False),
    Field("recoverable_tax", money(), about="What the state gives back; never reimbursed."),
    Field("other_tax", money()),
    Field("currency", CURRENCY, required=True, null=False),
    Field("rate", Number(digits=10, places=8), write=READ, null=False, about="Of the budget's currency per unit."),
    Field("rate_on", Day(), write=READ, about="The day of that rate."),
    Field("cost", money(), write=READ, null=False, about="Net and other tax, in the claim's currency."),
)
_PROOF = (
    Field("kind", Choice(ProofKind.values), required=True, null=False, filter=True),
    Field("file_id", _FILE, about="Of a file that was sent to /files; or name a link."),
    Field("file_name", Text(200), write=READ),
    Field("link", Text(500, r"https?://[^\s\"'<>\\]+")),
    Field("note", Text(500)),
)
INVOICE_LINES = Resource(
    "mdf_invoice_lines",
    InvoiceLine,
    about="One line of a supplier's invoice, in its own currency. It is written within its claim.",
    owner="partner_id",
    fields=(*_OF_CLAIM, *_INVOICE, *_LOOKED_AT),
)
PROOFS = Resource(
    "mdf_proofs",
    Proof,
    about="One proof of performance, accepted by itself. It is written within its claim.",
    owner="partner_id",
    fields=(*_OF_CLAIM, *_PROOF, *_LOOKED_AT),
)


def _names(fields: Sequence[Field]) -> tuple[str, ...]:
    return tuple(f.name for f in fields)


# --- writing ---------------------------------------------------------------------------------------------------------


def _draft(values: dict[str, Any], *, by: Actor, at: datetime) -> Claim:
    activity = Activity.objects.visible_to(by).get(pk=values["activity_id"])
    plan = _changed(ClaimPlan(activity, values["amount"]), values, by, at)
    return services.claims.draft(plan, by=by, at=at)


def _edit(claim: Claim, values: dict[str, Any], *, by: Actor, at: datetime) -> dict[str, Any]:
    """The claim written anew with what was sent; nothing when that is what it says already."""
    before = plans.of_claim(claim)
    plan = _changed(before, values, by, at)
    if plan != before:
        services.claims.write(claim, plan, by=by, at=at)
    return {}


def _changed(before: ClaimPlan, values: Mapping[str, Any], by: Actor, at: datetime) -> ClaimPlan:
    told: dict[str, Any] = {}
    if "amount" in values:
        told["amount"] = values["amount"]
    if "results" in values:
        told["results"] = {name: str(value) for name, value in values["results"].items() if value is not None}
    if "invoice_lines" in values:
        told["invoices"] = tuple(_invoiced(row, before.activity, by, at) for row in values["invoice_lines"])
    if "proofs" in values:
        told["proofs"] = tuple(_shown(row, place, by) for place, row in enumerate(values["proofs"]))
    return replace(before, **told)


def _invoiced(row: Mapping[str, Any], activity: Activity, by: Actor, at: datetime) -> Invoiced:
    """The line with the rate of its day, which nobody sends. Raises Refused where nobody knows one."""
    known = rate_of(row["currency"], activity.currency, row["invoice_date"], actor=by, at=at)
    if known is None:
        words = {"currency": row["currency"], "day": row["invoice_date"]}
        raise Refused(
            _("There is no exchange rate of %(currency)s for %(day)s. Ask your channel manager.") % words,
            code="no_rate", field="invoice_lines",
        )  # fmt: skip
    told = {name: value for name, value in row.items() if name != "budget_line_id" and value is not None}
    line = BudgetLine.objects.visible_to(by).get(pk=row["budget_line_id"]) if row.get("budget_line_id") else None
    return Invoiced(**told, rate=known.rate, rate_on=known.on, budget_line=line)


def _shown(row: Mapping[str, Any], place: int, by: Actor) -> Shown:
    if not any(row.get(name) for name in ("file_id", "link", "note")):
        raise Invalid([(f"/proofs/{place}", "required", "Name a file, a link or a note.")])
    if not row.get("file_id"):
        return Shown(**row)
    file = StoredFile.objects.visible_to(by).get(pk=row["file_id"])
    return Shown(**row, file_name=file.name, file_hash=file.came_sha256)


# --- looking, deciding, paying ---------------------------------------------------------------------------------------


class _RowId(Kind):
    """The public id of a proof or of an invoice line."""

    def read(self, value: Any) -> Any:
        pks = [parse_public_id(model.prefix, value) for model in (Proof, InvoiceLine)]
        found = next((pk for pk in pks if pk), None)
        if found is None:
            raise Bad("not_found", "There is no such record.")
        return found

    def schema(self) -> Schema:
        return {"type": "string", "pattern": f"^({Proof.prefix}|{InvoiceLine.prefix})_[0-9a-f]{{32}}$"}


def _looks(claim: Claim, sent: Sequence[Mapping[str, Any]]) -> list[Look]:
    """What was sent about the claim's own rows. Raises Invalid for any other id."""
    rows: list[Proof | InvoiceLine] = [*claim.proofs.all(), *claim.invoice_lines.all()]
    known = {row.pk: row for row in rows}
    strange = next((place for place, one in enumerate(sent) if one["id"] not in known), None)
    if strange is not None:
        raise Invalid([(f"/looks/{strange}/id", "not_found", "There is no such record.")])
    return [Look(known[one["id"]], one["accepted"], one.get("reason", "")) for one in sent]


def _look(claim: Claim, told: Mapping[str, Any], *, by: Actor, at: datetime) -> Claim:
    return services.claims.look(claim, _looks(claim, told["looks"]), by=by, at=at)


def _approve(claim: Claim, told: Mapping[str, Any], *, by: Actor, at: datetime) -> Claim:
    decision = ClaimDecision(_looks(claim, told.get("looks", ())), told.get("reason", ""))
    return services.claims.approve(claim, decision, by=by, at=at)


def _order(amount: Decimal, reference: str, method: str | None = None) -> Order:
    return Order(amount, reference, method or PaymentMethod.TRANSFER)


_LOOK = Object(
    (
        Field("id", _RowId(), required=True, null=False, about="Of a proof or an invoice line of this claim."),
        Field("accepted", YesNo(), required=True, null=False),
        Field("reason", Text(500), about="Why not. The partner reads it."),
    )
)
_LOOKS = Field("looks", Objects(_LOOK))


class _Results(Object):
    """What came of it so far, kept as words."""

    def show(self, value: Mapping[str, Any] | None) -> dict[str, Any]:
        return {name: _number(word, name != "pipeline") for name, word in super().show(value).items()}


def _number(word: Any, whole: bool) -> int | str | None:
    text = str(word or "")
    if whole:
        return int(text) if text.isascii() and text.isdigit() else None
    return text if re.fullmatch(r"[0-9]{1,16}(\.[0-9]{1,2})?", text) else None


_RESULTS = _Results((Field("leads", Whole()), Field("pipeline", money()), Field("attendees", Whole())))

CLAIMS = Resource(
    "mdf_claims",
    Claim,
    about="What a partner asks to be paid back for an activity, with invoices and proofs, both written as a whole. "
    "Payable is the least of what is claimed, what is left of the approval, and our share of the accepted cost.",
    owner="partner_id",
    verbs=frozenset({"create", "update"}),
    writers=("mdf.claim",),
    has_reference=True,
    workflow=CLAIM,
    create=_draft,
    update=_edit,
    nested=(
        Nested("invoice_lines", "mdf_invoice_lines", "claim_id", _names((*_INVOICE, *_LOOKED_AT)), whole=True, ids=True,
               order=("created_at", "id")),
        Nested("proofs", "mdf_proofs", "claim_id", _names((*_PROOF, *_LOOKED_AT)), whole=True, ids=True,
               order=("created_at", "id")),
        Nested("payments", "mdf_payments", "claim_id",
               ("status", "amount", "method", "reference_of_bank", "ordered_at", "settled_on", "failure"), ids=True,
               order=("ordered_at", "id")),
    ),
    fields=(
        PARTNER,
        Field("activity_id", Ref("mdf_activities"), write=CREATE, required=True, null=False, filter=True),
        Field("status", Choice(ClaimStatus.values), write=READ, null=False, filter=True),
        Field("amount", money(positive=True), required=True, null=False),
        OWN_CURRENCY,
        Field("results", _RESULTS, null=False),
        Field("submitted_at", Moment(), write=READ),
        Field("due_at", Moment(), write=READ, about="When the vendor's answer is due."),
        Field("question", Text(2000), write=READ),
        Field("accepted_cost", money(), write=READ),
        Field("approved_amount", money(), write=READ),
        Field("arithmetic", Data(), write=READ, null=False, about="How the payable amount was found."),
        Field("decided_at", Moment(), write=READ),
        Field("decided_by_user_id", STAFF, "decided_by_id", write=READ, vendor=True),
        Field("decision_reason", Text(2000), write=READ),
        Field("resubmit_by", Moment(), write=READ),
        Field("pay_by", Day(), write=READ),
    ),
    actions=(
        Action("submit", services.claims.submit, "Send it; the vendor's clock starts.", "submit", needs_version=True),
        Action("answer", services.claims.answer, "Answer the question.", "answer", ANSWER, Words, needs_version=True),
        Action("withdraw", services.claims.withdraw, "Take it back before it is decided.", "withdraw",
               needs_version=True),
        Action("look", _look, "Accept or refuse proofs and invoices one by one.", "",
               (Field("looks", Objects(_LOOK), required=True, null=False),), dict, needs_version=True,
               permission="mdf.decide"),
        Action("ask", services.claims.ask, "Ask the partner.", "ask", QUESTION, Words, needs_version=True),
        Action("approve", _approve, "Owe the partner what is payable.", "approve",
               (_LOOKS, Field("reason", Text(2000), about="Why not all of it.")), dict, needs_version=True),
        Action("reject", services.claims.reject, "Not like this: it may be sent again.", "reject", REASON, Words,
               needs_version=True),
        Action("order", same(services.payments.order), "Order an instalment; below the program's limit it is sent.", "",
               (Field("amount", money(positive=True), required=True),
                Field("reference_of_bank", Text(80), "reference", required=True),
                Field("method", Choice(PaymentMethod.values))), _order, needs_version=True, permission="mdf.pay"),
        Action("claw_back", services.payments.claw_back, "Take back what was paid.", "claw_back", REASON, Words,
               needs_version=True),
    ),
)  # fmt: skip
