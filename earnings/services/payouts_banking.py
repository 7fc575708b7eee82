"""Where a partner's money goes."""

from datetime import datetime

from django.db import transaction

from core.actor import Actor
from core.errors import Refused
from core.events import record
from deals.check import hold
from earnings import vault
from earnings.models import BankDetails
from earnings.payout_particulars import BankAccount
from earnings.rules import banking
from earnings.services.keeping import keep
from partners.models import Partner


@transaction.atomic
def set_bank_details(partner: Partner, told: BankAccount, *, by: Actor, at: datetime) -> BankDetails:
    """New bank details of a partner; all its admins are told. Later payouts go there, earlier ones keep theirs."""
    by.require("bank.edit")
    account, code = banking.plain(told.account), banking.plain(told.code)
    if trouble := banking.account_trouble(account):
        raise Refused(trouble, field="account")
    if trouble := banking.code_trouble(code, account):
        raise Refused(trouble, field="code")
    keep(partner.pk)
    hold(f"bank {partner.pk}")
    before = BankDetails.objects.filter(partner=partner, superseded_at=None).first()
    if before:
        BankDetails.objects.filter(pk=before.pk).update(superseded_at=at)
    made = BankDetails.objects.create(
        partner=partner, holder=told.holder, country=told.country, bank=told.bank, secret=vault.close(account, code),
        hint=banking.hint(account), changed_at=at, changed_by=by.label,
    )  # fmt: skip
    told_of = {"changes": {"hint": [before.hint if before else None, made.hint]}}
    record("changed", made, by=by, at=at, partner_id=partner.pk, data=told_of)
    return made
