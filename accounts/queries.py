"""What pages ask about people and how they sign in."""

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, QuerySet

from accounts.enums import Kind
from accounts.models import User

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def has_second_factor(user: User) -> bool:
    return Authenticator.objects.filter(user_id=user.pk, type__in=FACTORS).exists()


def second_factor_of(path: str) -> Exists:
    """An annotation: whether the user whose id stands in `path` has a second factor."""
    return Exists(Authenticator.objects.filter(user_id=OuterRef(path), type__in=FACTORS))


def staff() -> QuerySet[User]:
    """The vendor's people, each with `two_step`."""
    return User.objects.filter(kind=Kind.VENDOR).annotate(two_step=second_factor_of("pk"))


def with_address(email: str) -> User | None:
    """The person with this e-mail address, signed out of everywhere or not."""
    return User.objects.filter(email=email.strip().casefold()).first()


def has_staff() -> bool:
    """Whether the vendor has anybody who can sign in."""
    return User.objects.filter(kind=Kind.VENDOR).exists()
