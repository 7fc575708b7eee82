"""Terms: published in versions, accepted by a click of the partner's admin; a new version asks again."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from core.actor import SYSTEM, Actor
from core.errors import Refused, Stale
from core.events import record
from partners import terms
from partners.enums import PartnerStatus
from partners.models import Agreement, AgreementText, Partner
from partners.particulars import Click, Terms
from partners.services.onboarding import begin, settle
from partners.workflow import PARTNER


@transaction.atomic
def publish_text(new: Terms, *, by: Actor, at: datetime) -> AgreementText:
    """A new version; everybody it concerns is asked to accept it. Raises Refused for a version that is there."""
    by.require("program.edit")
    try:
        with transaction.atomic():
            text = AgreementText.objects.create(published_at=at, **new.values())
    except IntegrityError as error:
        raise Refused(
            _("This version is there already. Give the new one another name."), field="text_version"
        ) from error
    record("published", text, by=by, at=at, data={"title": text.title, "version": text.text_version})
    return text


@transaction.atomic
def sign(partner: Partner, click: Click, *, by: Actor, at: datetime) -> Agreement:
    """The partner's admin accepts a text in force: which version, who, when, from where are kept."""
    by.require("agreement.sign")
    text = click.text
    if text not in terms.in_force(partner, at):
        raise Refused(_("There is a newer version of these terms. Read and accept that one."), code="terms_changed")
    signature = {"title": text.title, "text_version": text.text_version, "signed_by": by.label, "signer_id": by.id}
    try:
        with transaction.atomic():
            agreement = Agreement.objects.create(partner=partner, text=text, signed_at=at, ip=click.ip, **signature)
    except IntegrityError as error:
        raise Stale(_("Somebody accepted these terms already.")) from error
    told = {"title": text.title, "version": text.text_version, "how": "click"}
    record("recorded", agreement, by=by, at=at, partner_id=partner.pk, data=told)
    settle_terms(partner, at=at)
    return agreement


def settle_terms(partner: Partner, *, at: datetime) -> None:
    """An approved partner that accepted all terms begins its onboarding; a checklist ticks them off."""
    if partner.status == PartnerStatus.APPROVED and terms.accepted(partner, at):
        PARTNER.fire(partner, "onboard", by=SYSTEM, at=at)
        begin(partner, at=at)
    settle(partner, at=at)
