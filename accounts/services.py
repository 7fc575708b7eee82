"""Changes of people: who can sign in, with which role at the vendor, and what they prefer."""

from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.enums import Kind
from accounts.models import Session, User
from accounts.particulars import Person, Preferences
from core.actor import Actor
from core.errors import Refused
from core.events import changes, record
from core.scope import elevated

ADMINISTRATOR = "administrator"


@transaction.atomic
def enrol(person: Person, *, by: Actor, at: datetime) -> User:
    """A person who can sign in from now on. The caller vouches for the address: a link reached it, or a role knows."""
    user = _created(person)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    _note("created", user, by=by, at=at, data={"kind": user.kind, "role": user.staff_role})
    return user


def hire(person: Person, *, by: Actor, at: datetime) -> User:
    """A new colleague at the vendor. Raises Forbidden without staff.manage."""
    by.require("staff.manage")
    return enrol(person, by=by, at=at)


@transaction.atomic
def change_staff_role(user: User, role: str, *, by: Actor, at: datetime) -> None:
    """Another role at the vendor; every session ends, so that no page goes on with the old rights."""
    _manage(user, by)
    if user.staff_role == role:
        return
    if user.staff_role == ADMINISTRATOR:
        _keep_an_administrator(user)
    moved = changes({"role": user.staff_role}, {"role": role})
    User.objects.filter(pk=user.pk).update(staff_role=role)
    user.refresh_from_db()
    end_sessions(user)
    _note("role_changed", user, by=by, at=at, data={"changes": moved})


@transaction.atomic
def deactivate(user: User, *, by: Actor, at: datetime) -> None:
    """Nobody signs in as this colleague any more. Raises Refused for oneself and for the last administrator."""
    _manage(user, by)
    if user.pk == by.id:
        raise Refused(_("You can't deactivate yourself. Ask another administrator."), code="own_account")
    if user.staff_role == ADMINISTRATOR:
        _keep_an_administrator(user)
    shut_out(user, by=by, at=at)


@transaction.atomic
def shut_out(user: User, *, by: Actor, at: datetime) -> None:
    """Ends every session of a person and lets nobody sign in as them. The caller has judged whether `by` may."""
    if User.objects.filter(pk=user.pk, is_active=True).update(is_active=False):
        end_sessions(user)
        user.refresh_from_db()
        _note("deactivated", user, by=by, at=at)


@transaction.atomic
def let_in(user: User, *, by: Actor, at: datetime) -> None:
    """Lets somebody who was shut out sign in again. The caller has judged whether `by` may."""
    if User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
        user.refresh_from_db()
        _note("reactivated", user, by=by, at=at)


def reactivate(user: User, *, by: Actor, at: datetime) -> None:
    """Lets a colleague sign in again. Raises Forbidden without staff.manage."""
    _manage(user, by)
    let_in(user, by=by, at=at)


@transaction.atomic
def reset_second_factor(user: User, *, by: Actor, at: datetime) -> None:
    """For somebody who lost the device: all second factors and sessions end; the next sign-in sets up a new one."""
    by.require("staff.manage")
    if user.pk == by.id:
        raise Refused(_("You can't reset your own second step here. Ask another administrator."), code="own_account")
    Authenticator.objects.filter(user=user).delete()
    end_sessions(user)
    _note("second_factor_reset", user, by=by, at=at)


def prefer(user: User, preferences: Preferences, *, by: Actor, at: datetime) -> None:
    """Somebody's own name, language, time zone, colours and shortcuts."""
    if by.id != user.pk:
        raise Refused(_("Everybody keeps their own settings."), code="not_yours")
    for name in ("name", "time_zone", "language", "theme", "shortcuts"):
        setattr(user, name, getattr(preferences, name))
    user.save(update_fields=["name", "time_zone", "language", "theme", "shortcuts"])


def end_sessions(user: User, but: str | None = None) -> int:
    """Signs a person out everywhere, except from the session with the key `but`; how many sessions ended."""
    return Session.objects.filter(user_id=user.pk).exclude(session_key=but).delete()[0]


def _created(person: Person) -> User:
    more = {"name": person.name, "kind": person.kind, "staff_role": person.staff_role}
    try:
        with transaction.atomic():
            return User.objects.create_user(person.email, person.password, **more)
    except IntegrityError as error:
        taken = _("Somebody signs in with this address already.")
        raise Refused(taken, code="email_taken", field="email") from error


def _note(verb: str, user: User, *, by: Actor, at: datetime, data: dict | None = None) -> None:
    """Writes down what happened, for the vendor alone, whoever did it."""
    with elevated():
        record(verb, user, by=by, at=at, data=data)  # type: ignore[arg-type]


def _manage(user: User, by: Actor) -> None:
    by.require("staff.manage")
    if user.kind != Kind.VENDOR:
        raise Refused(_("This person works for a partner. Change them on the partner's page."), code="not_staff")


def _keep_an_administrator(user: User) -> None:
    """Locks the administrators, so that two who leave at once don't leave nobody."""
    rows = User.objects.select_for_update().filter(staff_role=ADMINISTRATOR, is_active=True).order_by("pk")
    if {row.pk for row in rows} <= {user.pk}:
        raise Refused(_("Name another administrator first."), code="last_administrator")


@transaction.atomic
def forget(user: User, *, by: Actor, at: datetime) -> None:
    """Takes the personal words of somebody who left out; the row stays, so that history has somebody to point to."""
    end_sessions(user)
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    blank = {"email": f"{user.pk.hex}@removed.invalid", "name": "", "password": "!"}
    User.objects.filter(pk=user.pk).update(**blank, is_active=False)
    user.refresh_from_db()
    _note("forgotten", user, by=by, at=at, data={"fields": ["email", "name", "password"]})
