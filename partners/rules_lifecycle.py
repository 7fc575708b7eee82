"""What is wise in a partner's life: bars of its moves, and who of the applicants may come in alone. Pure."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from partners.enums import PartnerStatus

ACTIVE_FOR = timedelta(hours=90 * 24)
QUIET_AFTER = timedelta(hours=60 * 24)
LINK_LIVES = timedelta(hours=24)
APPLICATIONS_A_DAY = 3  # for one address
# Addresses that everybody can have prove nothing about a company.
FREE_MAIL = frozenset({
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com", "ymail.com",
    "icloud.com", "me.com", "mac.com", "aol.com", "gmx.de", "gmx.net", "gmx.com", "web.de", "mail.com", "mail.ru",
    "yandex.ru", "yandex.com", "proton.me", "protonmail.com", "zoho.com", "qq.com", "163.com", "126.com", "uol.com.br",
    "bol.com.br", "terra.com.br", "t-online.de", "orange.fr", "free.fr", "libero.it", "fastmail.com", "hey.com",
})  # fmt: skip


def mail_domain(email: str) -> str:
    return email.rpartition("@")[2].casefold()


def proves_company(email: str, domain: str) -> bool:
    """Whether who reads mail at this address works at the company with this website."""
    own = mail_domain(email)
    return own not in FREE_MAIL and (own == domain or own.endswith(f".{domain}") or domain.endswith(f".{own}"))


# --- bars of moves --------------------------------------------------------------------------------------------------


def vetted(partner: Any, at: datetime) -> str | None:
    """Who works with us already isn't declined: it is suspended or offboarded."""
    if partner.status == PartnerStatus.EVALUATING or partner.unvetted_since is not None:
        return None
    return _("This partner was approved. Suspend it, or begin its offboarding.")


def was_onboarding(partner: Any, at: datetime) -> str | None:
    return _("The partner goes back to onboarding.") if partner.suspended_from == PartnerStatus.ONBOARDING else None


def was_at_work(partner: Any, at: datetime) -> str | None:
    return None if partner.suspended_from == PartnerStatus.ONBOARDING else _("The partner has finished its onboarding.")


def not_over(partner: Any, at: datetime) -> str | None:
    """An offboarding ends on its day."""
    if at >= partner.last_day_ends:
        return None
    return _("The partner's last day isn't over. It leaves on %s.") % partner.offboarding.effective_on


def money_open(partner: Any, at: datetime) -> str | None:
    """`blockers` are the sentences that apps gave about what is still open."""
    return " ".join(partner.blockers) or None


# --- what waits for vetting -----------------------------------------------------------------------------------------


def unvetted(partner: Any) -> str | None:
    """Why margins, leads and market funds wait: raised by the apps that give them."""
    if partner.unvetted_since is None:
        return None
    return _("The partner joined by itself and waits for our check. Margins, leads and market funds come after it.")
