"""How sign-in behaves here: by invitation alone, one answer for all addresses, links with our own host."""

from email.utils import make_msgid
from urllib.parse import quote, urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from accounts import gate, services
from accounts.models import User
from core.clock import now

HOMES = {"partner": "/portal/", "vendor": "/admin/", "executive": "/dashboard/"}


def home_of(user: User) -> str:
    """The first page after sign-in, by kind of person."""
    return HOMES.get(user.staff_role) or HOMES.get(user.kind, "/")


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("Wrong e-mail or password."),
        "enter_current_password": _("Enter your current password."),
        "incorrect_code": _("That code doesn't fit. Look at it again, or ask for a new one."),
        "incorrect_password": _("Wrong password."),
        "invalid_password_reset": _("This link was used or is too old. Ask for a new one."),
        "too_many_login_attempts": _("Too many tries. Wait 5 minutes or use a code by e-mail."),
        "rate_limited": _("Too many tries. Wait a few minutes, then try again."),
    }

    def is_open_for_signup(self, request) -> bool:
        """Nobody signs up alone: people come by invitation."""
        return False

    def get_login_redirect_url(self, request) -> str:
        return home_of(request.user)

    def is_safe_url(self, url: str) -> bool:
        """Whether `next` leads to a page of ours."""
        own = {urlsplit(settings.BASE_URL).netloc}
        return bool(url) and url_has_allowed_host_and_scheme(url, allowed_hosts=own, require_https=settings.HTTPS)

    # sign-in

    def authenticate(self, request, **credentials):
        """The person, or None: a shut-out person gets the answer of a wrong password."""
        user = super().authenticate(request, **credentials)
        return user if user is not None and user.is_active else None

    def login(self, request, user) -> None:
        super().login(request, user)
        gate.stamp(request.session, now())

    def set_password(self, user, password: str) -> None:
        """A new password ends every other session."""
        super().set_password(user, password)
        services.end_sessions(user, but=self.request.session.session_key)

    def _get_login_attempts_cache_key(self, request, **credentials) -> str:
        """Tries are counted by address alone: another Host header starts no new count."""
        return f"sign-in:{credentials.get('email', '').strip().casefold()}"

    # mail

    def get_reset_password_from_key_url(self, key: str) -> str:
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return settings.BASE_URL + path.replace("UID-KEY", quote(key))

    def get_email_confirmation_url(self, request, emailconfirmation) -> str:
        return settings.BASE_URL + reverse("account_confirm_email", args=[emailconfirmation.key])

    def render_mail(self, template_prefix, email, context, headers=None) -> EmailMessage:
        words = context | {"vendor": settings.VENDOR_NAME or "PRM", "base_url": settings.BASE_URL}
        subject = " ".join(render_to_string(f"{template_prefix}_subject.txt", words).split())
        body = render_to_string(f"{template_prefix}_message.txt", words).strip() + "\n"
        own = {"Message-ID": make_msgid(domain=settings.MAIL_HOST), "Auto-Submitted": "auto-generated"}
        to = [email] if isinstance(email, str) else email
        return EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, to, headers=own | (headers or {}))

    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        """Sends after the commit; a mail server that is away costs the page nothing but the mail."""
        message = self.render_mail(template_prefix, email, context | {"email": email})
        transaction.on_commit(message.send, robust=True)
