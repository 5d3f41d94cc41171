"""Every setting of the desk, in one place, each from the environment with a safe default.

`docs/reference/settings.md` lists the same names; a test holds the two together.
"""

from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from environs import Env

from socialdesk import keys, logs

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent

# --- Where things are -------------------------------------------------------------------------
# DESK_HOME: folder of the embedded servers' data, the desk's keys and logs.
DESK_HOME = Path(env.str("DESK_HOME", default=str(BASE_DIR / ".local"))).resolve()
# DATABASE_URL: PostgreSQL 16 or newer; `manage.py` fills it in with the embedded server if unset.
DATABASE_URL = env.str("DATABASE_URL", default="postgresql://socialdesk@127.0.0.1:5432/socialdesk")
# REDIS_URL: broker, bus and cache; `manage.py` fills it in with the embedded Valkey if unset.
REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
# PORT, LIVE_PORT: where the web pages and the live stream listen, on 127.0.0.1.
PORT = env.int("PORT", default=8000)
LIVE_PORT = env.int("LIVE_PORT", default=8001)
# BIND: the address both listen on; only a container has a reason to change it.
BIND = env.str("BIND", default="127.0.0.1")
# DESK_URL: the address people type, without a trailing slash.
DESK_URL = env.str("DESK_URL", default=f"http://127.0.0.1:{PORT}")
# LIVE_URL: where browsers find the live stream; "/live" behind a proxy with one origin.
LIVE_URL = env.str("LIVE_URL", default="")

# --- Who may come in --------------------------------------------------------------------------
# PRODUCTION: on for a desk that others reach: HTTPS only, and no default keys.
PRODUCTION = env.bool("PRODUCTION", default=False)
DEBUG = False
# SECRET_KEY: signs sessions; at least 50 random characters.
SECRET_KEY = env.str("SECRET_KEY", default="")
# CREDENTIAL_KEYS: Fernet keys for channel credentials, newest first, separated by commas.
CREDENTIAL_KEYS: list[str] = env.list("CREDENTIAL_KEYS", default=[])
if not PRODUCTION:
    # On one machine manage.py fills both in from DESK_HOME/keys.json. What runs without it, as a
    # type checker does, stores nothing and gets keys that end with it.
    SECRET_KEY = SECRET_KEY or keys.new_secret_key()
    CREDENTIAL_KEYS = CREDENTIAL_KEYS or [keys.new_credential_key()]
keys.require(secret_key=SECRET_KEY, credential_keys=CREDENTIAL_KEYS)
# ALLOWED_HOSTS: names the desk answers to, separated by commas.
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
# CSRF_TRUSTED_ORIGINS: origins that may post forms, with scheme, separated by commas.
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# TRUSTED_PROXIES: how many proxies of one's own stand before the desk; limits count by the address
# that the outermost saw.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=1 if PRODUCTION else 0)

# --- How fast and how patient -----------------------------------------------------------------
# WEB_WORKERS, WEB_THREADS: processes of the web server and threads in each.
WEB_WORKERS = env.int("WEB_WORKERS", default=1)
WEB_THREADS = env.int("WEB_THREADS", default=8)
# WORKER_PROCESSES: processes of the Celery worker.
WORKER_PROCESSES = env.int("WORKER_PROCESSES", default=2)
# SEND_TIMEOUT, SEND_LEASE, SEND_RESOLVE: seconds a network may take to answer, until a send whose
# worker fell silent counts as unknown, and until the resolver asks the network (20 < 60 < 90).
SEND_TIMEOUT = env.int("SEND_TIMEOUT", default=20)
SEND_LEASE = env.int("SEND_LEASE", default=60)
SEND_RESOLVE = env.int("SEND_RESOLVE", default=90)
# UNDO_SECONDS: how long a reply may be taken back, unless the agent chose otherwise.
UNDO_SECONDS = env.int("UNDO_SECONDS", default=10)
# DIGEST_HOUR: from which hour of the day, in the desk's zone, letters of figures are made.
DIGEST_HOUR = env.int("DIGEST_HOUR", default=7)
# WEBHOOK_TIMEOUT: seconds an endpoint has for taking a webhook.
WEBHOOK_TIMEOUT = env.int("WEBHOOK_TIMEOUT", default=10)
# WEBHOOK_ALLOWED_NETWORKS: networks that webhooks may call besides public addresses, by HTTP too,
# separated by commas.
WEBHOOK_ALLOWED_NETWORKS: list[str] = env.list(
    "WEBHOOK_ALLOWED_NETWORKS", default=[] if PRODUCTION else ["127.0.0.1/32"]
)
# WEBHOOK_LOG_DAYS: how many days back the log of webhooks reaches.
WEBHOOK_LOG_DAYS = env.int("WEBHOOK_LOG_DAYS", default=30)

# --- The practice network ---------------------------------------------------------------------
# SQUARE: whether the practice network is served at /square/.
SQUARE = env.bool("SQUARE", default=not PRODUCTION)
# DESK_DEMO: whether `up` fills an empty database with the demo desk.
DESK_DEMO = env.bool("DESK_DEMO", default=not PRODUCTION)

# --- Names and language -----------------------------------------------------------------------
# DESK_NAME: shown at the top of every page.
DESK_NAME = env.str("DESK_NAME", default="Acme Care")
# TIME_ZONE: the desk's zone, in which days of reports begin and end.
TIME_ZONE = env.str("TIME_ZONE", default="Europe/Berlin")
LANGUAGE_CODE = "en"
USE_TZ = True
USE_I18N = False

INSTALLED_APPS = [
    "apps.ledger",
    "apps.agents",
    "apps.square",
    "apps.channels",
    "apps.labels",
    "apps.sla",
    "apps.customers",
    "apps.conversations",
    "apps.intake",
    "apps.reports",
    "apps.webhooks",
    "apps.api",
    "apps.console",
    "socialdesk",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.idp.oidc",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "pgtrigger",
    "template_partials",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "apps.intake.middleware.straight_to_intake",
    "apps.api.v1.short_way.straight_in",
    # In front of a desk that others reach stands a proxy, which packs what leaves.
    *([] if PRODUCTION else ["django.middleware.gzip.GZipMiddleware"]),
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "apps.console.second_factor.second_factor_first",
    "django_structlog.middlewares.RequestMiddleware",
]

ROOT_URLCONF = "socialdesk.urls"
WSGI_APPLICATION = "socialdesk.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "apps.console.context.desk",
            ],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django.template.loaders.filesystem.Loader",
                                # allauth's own pages and letters, in our layout and elements
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": ["template_partials.templatetags.partials"],
        },
    }
]

_database = env.dj_db_url("DATABASE_URL", default=DATABASE_URL)
DATABASES = {
    "default": {
        **_database,
        "ENGINE": "apps.common.postgres",
        # A database host that vanishes without a word is noticed in seconds, not in TCP's minutes.
        "OPTIONS": {
            "connect_timeout": 5,
            "tcp_user_timeout": 10_000,
            "keepalives_idle": 10,
            "keepalives_interval": 3,
            **_database.get("OPTIONS", {}),
            "application_name": env.str("DESK_PROCESS", default="manage"),
        },
    }
}
# DATABASE_POOL: connections each web process keeps; 0 (everywhere but the web) means one a thread.
DATABASE_POOL = env.int("DATABASE_POOL", default=0)
if DATABASE_POOL:
    DATABASES["default"]["OPTIONS"]["pool"] = {
        "min_size": 1,
        "max_size": DATABASE_POOL,
        "timeout": 5,
    }
else:
    DATABASES["default"].update(CONN_MAX_AGE=None, CONN_HEALTH_CHECKS=True)

CACHES = {"default": {"BACKEND": "apps.common.cache.ForgivingRedisCache", "LOCATION": REDIS_URL}}

# --- Sign-in ----------------------------------------------------------------------------------
AUTH_USER_MODEL = "agents.User"
AUTHENTICATION_BACKENDS = ["apps.agents.sign_in.DeskBackend"]
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_ADAPTER = "apps.agents.sign_in.DeskAccountAdapter"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"{DESK_NAME}: "
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
# What matters asks for password or second factor again after a quarter of an hour.
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# INVITATION_DAYS: how many days an invitation opens the desk.
INVITATION_DAYS = env.int("INVITATION_DAYS", default=7)
# SECOND_FACTOR_ROLES: who has to set up a second factor: agent, manager, admin, by commas.
SECOND_FACTOR_ROLES: list[str] = env.list("SECOND_FACTOR_ROLES", default=[])
if unknown := set(SECOND_FACTOR_ROLES) - {"agent", "manager", "admin"}:
    raise ImproperlyConfigured(f"SECOND_FACTOR_ROLES: there is no role {min(unknown)}.")
MFA_ADAPTER = "apps.agents.sign_in.DeskMFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = DESK_NAME
# People's addresses were proved by the letter that invited them.
MFA_ALLOW_UNVERIFIED_EMAIL = True
# A desk on one machine has no certificate; browsers take passkeys at http://localhost all the same.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION

# --- Sign-in by another service -----------------------------------------------------------------
# OIDC_ISSUER: an OpenID Connect service that people may sign in by, as in https://id.example.
OIDC_ISSUER = env.str("OIDC_ISSUER", default="")
# OIDC_CLIENT_ID, OIDC_CLIENT_SECRET: what that service knows the desk by.
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET", default="")
# OIDC_NAME: what people call that service; it stands on the button.
OIDC_NAME = env.str("OIDC_NAME", default="your organization")
if OIDC_ISSUER and not (OIDC_CLIENT_ID and OIDC_CLIENT_SECRET):
    raise ImproperlyConfigured("OIDC_ISSUER needs OIDC_CLIENT_ID and OIDC_CLIENT_SECRET too.")
SOCIALACCOUNT_ADAPTER = "apps.agents.sign_in.DeskSocialAccountAdapter"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "desk",
                "name": OIDC_NAME,
                "client_id": OIDC_CLIENT_ID,
                "secret": OIDC_CLIENT_SECRET,
                "settings": {"server_url": OIDC_ISSUER},
            }
        ]
        if OIDC_ISSUER
        else [],
    }
}

# --- Programs ---------------------------------------------------------------------------------
# API_RATE: how many requests a caller may make at the API, as in 600/min; s, min, h or d.
API_RATE = env.str("API_RATE", default="600/min")
# TOKEN_RATE: how many tokens one address may ask for.
TOKEN_RATE = env.str("TOKEN_RATE", default="30/min")
# HOOK_RATE: how many deliveries a channel may hand in; what is refused, its network sends again.
HOOK_RATE = env.str("HOOK_RATE", default="300000/min")
# STRANGER_RATE: how many deliveries with a wrong signature one address is answered in full.
STRANGER_RATE = env.str("STRANGER_RATE", default="60/min")
REST_FRAMEWORK = {"DEFAULT_SCHEMA_CLASS": "apps.api.schema.DeskSchema"}
SPECTACULAR_SETTINGS = {
    "TITLE": "Social Desk",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "PREPROCESSING_HOOKS": ["apps.api.schema.only_version_1"],
    "POSTPROCESSING_HOOKS": ["apps.api.schema.complete"],
}

# --- Letters ----------------------------------------------------------------------------------
# EMAIL_URL: how letters leave: submission://user:password@host:587; printed in the log if unset.
_letters = env.dj_email_url(
    "EMAIL_URL", default="smtp://localhost:25" if PRODUCTION else "console:"
)
if "EMAIL_BACKEND" not in _letters:
    raise ImproperlyConfigured("EMAIL_URL must begin with submission:, smtps:, smtp: or console:.")
EMAIL_BACKEND = _letters["EMAIL_BACKEND"]
EMAIL_HOST = _letters["EMAIL_HOST"]
EMAIL_PORT = _letters["EMAIL_PORT"]
EMAIL_HOST_USER = _letters["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD = _letters["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS = _letters["EMAIL_USE_TLS"]
EMAIL_USE_SSL = _letters["EMAIL_USE_SSL"]
EMAIL_TIMEOUT = 10
# EMAIL_FROM: the address that letters come from.
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="desk@localhost")

# --- Security headers -------------------------------------------------------------------------
_live_sources = (
    ["'self'"]
    if LIVE_URL.startswith("/")
    else [
        "'self'",
        f"http://127.0.0.1:{LIVE_PORT}",
        f"http://localhost:{LIVE_PORT}",
    ]
)


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": _live_sources,
        # Browsers hold the redirect that answers a form to this as well.
        "form-action": ["'self'", *([_origin(OIDC_ISSUER)] if OIDC_ISSUER else [])],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "manifest-src": ["'self'"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
# Probes reach the process itself, by plain HTTP.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
# MAX_BODY_BYTES: largest webhook body; over it the answer is 413.
MAX_BODY_BYTES = env.int("MAX_BODY_BYTES", default=1_000_000)
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES

# --- Static files -----------------------------------------------------------------------------
STATIC_URL = "/static/"
# Where production collects them; elsewhere they are found where they lie.
STATIC_ROOT = DESK_HOME / "static" if PRODUCTION else None
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not PRODUCTION

# --- Background work --------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 0.1, "health_check_interval": 10}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_TASK_DEFAULT_QUEUE = "desk"

# --- Logs: ids and figures, never a customer's text or a token --------------------------------
# LOG_LEVEL: DEBUG, INFO, WARNING or ERROR.
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING = logs.configuration(level=LOG_LEVEL)
