"""Who can sign in. Which partner a person works for, and what they may do, is told by `partners`."""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from accounts.enums import Kind, Theme
from core.fields import ClockTimestamp
from core.ids import public_id, uuid7


class UserManager(BaseUserManager):
    def get_by_natural_key(self, email):
        return self.get(email=email.strip().casefold())

    def create_user(self, email: str, password: str | None = None, **fields):
        """A person who can sign in; without a password by one-time code or passkey alone."""
        kind = fields.get("kind", Kind.PARTNER)
        user = self.model(email=email.strip().casefold(), is_staff=kind == Kind.VENDOR, **fields)
        user.set_password(password)  # type: ignore[attr-defined]
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields):
        """The first administrator of the vendor."""
        return self.create_user(email, password, kind=Kind.VENDOR, staff_role="administrator", **fields)


class User(AbstractBaseUser):
    """A person (or a service) known by e-mail address. Vendor staff, and nobody else, may enter the console."""

    prefix = "usr"
    resource = "user"
    version = None  # events about people carry no version: they are told apart by their moment

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=150, blank=True)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.PARTNER)
    staff_role = models.CharField(max_length=24, blank=True, default="")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False, editable=False)
    language = models.CharField(max_length=12, default="en")
    time_zone = models.CharField(max_length=64, default="UTC")
    theme = models.CharField(max_length=8, choices=Theme, default=Theme.SYSTEM)
    shortcuts = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []  # type: ignore[misc]

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="user_staff_is_vendor",
                condition=models.Q(is_staff=True, kind=Kind.VENDOR)
                | models.Q(is_staff=False) & ~models.Q(kind=Kind.VENDOR),
            ),
            models.CheckConstraint(
                name="user_role_is_vendors", condition=models.Q(staff_role="") | models.Q(kind=Kind.VENDOR)
            ),
        )

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def public_id(self) -> str:
        return public_id(self.prefix, self.pk) or ""

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] or self.email

    def has_perm(self, perm, obj=None) -> bool:
        """Django's own permission names are not used; doors ask the actor."""
        return False

    def has_module_perms(self, app_label) -> bool:
        return False


class Session(AbstractBaseSession):
    """A sign-in on one device. Knows its user, so that all sessions of a person can be ended at once."""

    user_id = models.UUIDField(null=True, db_index=True)

    @classmethod
    def get_session_store_class(cls):
        from accounts.sessions import SessionStore  # noqa: PLC0415 - the store is made of this table

        return SessionStore
