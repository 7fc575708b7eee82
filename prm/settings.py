"""All settings, from the environment. `NAME_FILE` names a file that holds the value of NAME (secrets of containers)."""

import logging
import os
import sys
from email.utils import formataddr, parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import structlog
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from prm import embedded, logs

BASE_DIR = Path(__file__).resolve().parent.parent
EXAMPLE_KEYS = {"change-me", "changeme", "secret", "insecure-development-key"}


def env(name: str, default: str = "") -> str:
    """The value of NAME, or of the file NAME_FILE names."""
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text().strip()
    return os.environ.get(name) or default


def env_bool(name: str, default: bool = False) -> bool:
    """Is NAME switched on? Raises ImproperlyConfigured for words that are neither yes nor no."""
    word = env(name).lower()
    if word in {"", "1", "true", "yes", "on"}:
        return bool(word) or default
    if word in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} is {word!r}. Use 1 or 0.")


def env_int(name: str, default: int) -> int:
    """NAME as a whole number. Raises ImproperlyConfigured for other words."""
    word = env(name, str(default))
    if not word.isdecimal():
        raise ImproperlyConfigured(f"{name} is {word!r}. Use a whole number.")
    return int(word)


def env_list(name: str, default: str = "") -> list[str]:
    """NAME as a list of words between commas."""
    return [word.strip() for word in env(name, default).split(",") if word.strip()]


# --- what kind of installation ------------------------------------------------------------------------------------

# development, test or production; pytest-django reads the settings before any conftest could say "test"
PRM_ENV = env("PRM_ENV", "test" if "pytest" in sys.modules else "development")
PRODUCTION = PRM_ENV == "production"
TESTING = PRM_ENV == "test"
PRM_DEMO = env_bool("PRM_DEMO")
DEBUG = env_bool("DEBUG")
PLACE = None if env("DATABASE_URL") else embedded.place()
DATA_DIR = PLACE.data if PLACE else Path(env("DATA", str(BASE_DIR / ".local"))).resolve()
BASE_URL = env("BASE_URL", f"http://127.0.0.1:{env('PORT', '8000')}").rstrip("/")
HTTPS = BASE_URL.startswith("https://")
HOST = urlsplit(BASE_URL).hostname or "localhost"
SECRET_KEY = env("SECRET_KEY", "" if PRODUCTION else "insecure-development-key")
SECRET_KEY_FALLBACKS = env_list("SECRET_KEY_FALLBACKS")
RECEIPT_KEY = env("RECEIPT_KEY", SECRET_KEY)  # the secret that the signing key of receipts is made of
BANK_KEY = env("BANK_KEY", SECRET_KEY)  # the secret that bank details are encrypted with
BANK_OLD_KEYS = env_list("BANK_OLD_KEYS")  # those that older details were encrypted with
RECEIPT_OLD_PUBLIC_KEYS = env_list("RECEIPT_OLD_PUBLIC_KEYS")  # `x` of keys that signed before
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", HOST if PRODUCTION else f"{HOST},localhost,127.0.0.1,[::1],testserver")
REQUIRE_STAFF_MFA = env_bool("REQUIRE_STAFF_MFA", PRODUCTION and not PRM_DEMO)
VENDOR_NAME = env("VENDOR_NAME", "Northwind" if PRM_DEMO else "")


def _unfit_for_production() -> list[str]:
    found = {
        "Set DEBUG=0.": DEBUG,
        "Set SECRET_KEY or SECRET_KEY_FILE to 50 or more random characters.": len(SECRET_KEY) < 50,
        "Set RECEIPT_KEY to 50 or more random characters, or leave it out.": len(RECEIPT_KEY) < 50 <= len(SECRET_KEY),
        "Set BANK_KEY to 50 or more random characters, or leave it out.": len(BANK_KEY) < 50 <= len(SECRET_KEY),
        "Replace the example SECRET_KEY.": SECRET_KEY.lower() in EXAMPLE_KEYS or "change-me" in SECRET_KEY.lower(),
        "List the host names in ALLOWED_HOSTS instead of *.": "*" in ALLOWED_HOSTS,
        "Set BASE_URL to an https:// address.": not HTTPS,
        "Set DATABASE_URL.": not env("DATABASE_URL"),
        "Set REDIS_URL.": not env("REDIS_URL"),
        "Set PRM_DEMO=0: the demo's passwords are public.": PRM_DEMO,
    }
    return [remedy for remedy, wrong in found.items() if wrong]


if PRODUCTION and (remedies := _unfit_for_production()):
    raise ImproperlyConfigured("Not fit for production. " + " ".join(remedies))

# --- parts --------------------------------------------------------------------------------------------------------

OWN_APPS = ["core", "accounts", "partners", "tiers", "deals", "mdf", "metrics", "crm", "earnings", "notifications"]
INSTALLED_APPS = [
    "prm.apps.PrmConfig",
    *(app for app in OWN_APPS if (BASE_DIR / app / "__init__.py").exists()),
    "prm.apps.ConsoleConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "template_partials",
    "csp",
    "django_prometheus",
    "django_structlog",
    "django.forms",
]

MIDDLEWARE = [
    "core.api.middleware.ProblemMiddleware",
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # before WhiteNoise: the demo's style sheets too
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "prm.logs.RequestLog",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
    "accounts.middleware.FormAnswers",
    "prm.middleware.ActorMiddleware",
]

ROOT_URLCONF = "prm.urls"
WSGI_APPLICATION = "prm.wsgi.application"
APPEND_SLASH = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "prm.nav.navigation",
            ],
        },
    },
]

FORM_RENDERER = "prm.forms.Renderer"

# --- databases: three roles of one PostgreSQL, and a connection of its own for what must outlive a rollback --------


POOLED = env_bool("DATABASE_POOLED")  # behind PgBouncer in transaction mode


def _database(url: str, user: str = "", password: str = "", **options: Any) -> dict[str, Any]:
    """A Django database from postgresql://user:password@host:port/name?host=/socket/directory&sslmode=…

    `user` replaces the address's user and forgets its password; `password` stands in where the address has none.
    """
    parts = urlsplit(url)
    extra = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": user or unquote(parts.username or ""),
        "PASSWORD": (unquote(parts.password or "") if not user else "") or password,
        "HOST": extra.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": env_int("DATABASE_CONN_MAX_AGE", 60),
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": POOLED,
        "OPTIONS": {"connect_timeout": 3, "application_name": "prm", **extra, **options},
    }


def _milliseconds(name: str, default: int) -> dict[str, str]:
    if POOLED:
        return {}  # PgBouncer takes no such options; give the role prm_app its own statement_timeout
    return {"options": f"-c statement_timeout={env_int(name, default)}"}


_urls = PLACE.environment() if PLACE else {}
DATABASE_URL = env("DATABASE_URL", _urls.get("DATABASE_URL", ""))
DATABASE_OWNER_URL = env("DATABASE_OWNER_URL", _urls.get("DATABASE_OWNER_URL", ""))
DATABASE_READ_URL = env("DATABASE_REPLICA_URL") or env("DATABASE_READ_URL", _urls.get("DATABASE_READ_URL", ""))
REDIS_URL = env("REDIS_URL", _urls.get("REDIS_URL", ""))
# workers and commands set 0 or longer; tests run what commands run, on busy machines
_patience = _milliseconds("STATEMENT_TIMEOUT_MS", 120_000 if TESTING else 5_000)
_password = env("DATABASE_PASSWORD")

DATABASES = {
    "default": _database(DATABASE_URL, "", _password, **_patience),
    "owner": _database(
        DATABASE_OWNER_URL or DATABASE_URL, "" if DATABASE_OWNER_URL else "prm_owner", env("DATABASE_OWNER_PASSWORD")
    ),
    "read": _database(
        DATABASE_READ_URL or DATABASE_URL,
        "" if DATABASE_READ_URL else "prm_read",
        env("DATABASE_READ_PASSWORD"),
        **_patience,
    ),
    "limits": _database(DATABASE_URL, "", _password, **_milliseconds("LIMITS_TIMEOUT_MS", 1_000)),
}
DATABASES["owner"]["CONN_MAX_AGE"] = 0
DATABASE_ROUTERS = ["core.cache.LimitsRouter"]

# --- caches: Redis, and the database while Redis is away ----------------------------------------------------------

CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "core.cache.FallbackCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "prm",
        "OPTIONS": {"fallback": "limits", "socket_timeout": 0.2, "socket_connect_timeout": 0.2},
    },
    "limits": {"BACKEND": "core.cache.LimitsCache", "LOCATION": "prm_cache", "TIMEOUT": 600},
}
if TESTING:
    CACHES["default"] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}

# --- jobs -----------------------------------------------------------------------------------------------------------

_TRANSPORT = {"socket_timeout": 0.2, "socket_connect_timeout": 0.2, "visibility_timeout": 3600}
WAKE_WORKER = env_bool("WAKE_WORKER", not TESTING)
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_BROKER_TRANSPORT_OPTIONS = {**_TRANSPORT, "max_retries": 0, "interval_start": 0}
CELERY_BROKER_CONNECTION_TIMEOUT = 0.2
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
# Taken off the queue at once: a lost sweep is made good by the next one, and with a message still unacknowledged
# kombu ends the whole worker when Redis goes away. The nightly tasks, whose next one is a day off, say so themselves.
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_TIME_LIMIT = 1800
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1000
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"

# --- people ---------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["partners.actors.SignedIn"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "optional"  # addresses come from invitations and administrators; a new one is proved first
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 300
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/300s/key",
    "request_login_code": "20/m/ip,3/m/key",
    "reset_password": "20/m/ip,5/m/key",
}
MFA_ADAPTER = "accounts.mfa.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = VENDOR_NAME or "PRM"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
ALLAUTH_TRUSTED_PROXY_COUNT = env_int("TRUSTED_PROXY_COUNT", 0)

SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = env_int("SESSION_HOURS", 12) * 3600  # from sign-in, however busy
STAFF_IDLE_SECONDS = env_int("STAFF_IDLE_MINUTES", 30) * 60
PARTNER_IDLE_SECONDS = env_int("PARTNER_IDLE_MINUTES", 0) * 60  # 0 = no limit but the one above
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [BASE_URL]

# --- the browser ----------------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "media-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ALLAUTH_TRUSTED_PROXY_COUNT else None
SECURE_SSL_REDIRECT = HTTPS and bool(ALLAUTH_TRUSTED_PROXY_COUNT)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
METRICS_TOKEN = env("METRICS_TOKEN")
SETUP_CODE = env("SETUP_CODE")  # opens /setup/ while there is no staff

STATIC_URL = "/static/"
STATIC_ROOT = env("STATIC_ROOT", str(BASE_DIR / "staticfiles") if PRODUCTION else "") or None
STATICFILES_DIRS = [BASE_DIR / "static"] if (BASE_DIR / "static").is_dir() else []
MEDIA_ROOT = Path(env("MEDIA_ROOT", str(DATA_DIR / "media")))
FILES_ROOT = MEDIA_ROOT / "files"  # what people sent; no web server serves it
CLAMAV_URL = env("CLAMAV_URL")  # tcp://host:3310 or unix:///run/clamav/clamd.ctl
FILE_SCANNER = "prm.clamav.scan" if CLAMAV_URL else ""
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = TESTING  # else each of the thousands of clients of the tests looks through all files first
_manifest = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
_plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _manifest if PRODUCTION else _plain},
}

# --- language and time ----------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["prm.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
REPORTING_CURRENCY = env("REPORTING_CURRENCY", "USD")  # of figures that add up several currencies

# --- mail -----------------------------------------------------------------------------------------------------------

_sender = parseaddr(env("MAIL_FROM", f"partners@{HOST if PRODUCTION else 'northwind.example'}"))
_named = _sender[0] or (f"{VENDOR_NAME} Partners" if VENDOR_NAME else "")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = formataddr((_named, _sender[1]))
MAIL_HOST = env("MAIL_HOST", HOST)  # right side of every Message-ID
MAIL_DIR = Path(env("MAIL_DIR", str(DATA_DIR / "mail")))
EMAIL_URL = env("EMAIL_URL")  # smtp://user:password@host:587 (STARTTLS) or smtps://…:465
EMAIL_TIMEOUT = 5
EMAIL_BACKEND = "core.mail.FileBackend"
if TESTING:
    EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
elif EMAIL_URL:
    _mail = urlsplit(EMAIL_URL)
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = _mail.hostname or "localhost"
    EMAIL_USE_SSL = _mail.scheme == "smtps"
    EMAIL_USE_TLS = _mail.scheme == "smtp" and bool(_mail.username)
    EMAIL_PORT = _mail.port or (465 if EMAIL_USE_SSL else 587 if EMAIL_USE_TLS else 25)
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")

# --- API ------------------------------------------------------------------------------------------------------------

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["partners.authentication.KeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": [],
    "UNICODE_JSON": True,
}
API_RATE_PER_MINUTE = env_int("API_RATE_PER_MINUTE", 600)  # of each key
API_BAD_KEYS_PER_MINUTE = env_int("API_BAD_KEYS_PER_MINUTE", 30)  # from each address

# --- logs: one line per event; JSON where machines read them ---------------------------------------------------------

DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_USER_ID_FIELD = "pk"
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG
DJANGO_STRUCTLOG_STATUS_4XX_LOG_LEVEL = logging.INFO
LOG_JSON = env_bool("LOG_JSON", PRODUCTION)

_processors: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    logs.without_secrets,
]
_plain_lines = structlog.dev.ConsoleRenderer(
    colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
)
_json_lines = [structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer()]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "lines": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": _processors,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *(_json_lines if LOG_JSON else [_plain_lines]),
            ],
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", "INFO" if PRODUCTION else "WARNING")},
    "loggers": {
        "django.request": {"level": "ERROR"},  # tracebacks; RequestLog says the rest
        "django.server": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},  # django-structlog says it
        "celery.worker.strategy": {"level": "WARNING"},
    },
}
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_processors,
        structlog.processors.StackInfoRenderer(),
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
