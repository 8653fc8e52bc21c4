"""Every setting of Halfpenny. The environment decides (`.env.example` lists what it may say);
with nothing set this is a development set-up that keeps all its data under `var/`.
"""

from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config import databases, embedded_broker, local_secrets, logs, safety, sentry

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(env.path("HALFPENNY_ENV_FILE", default=str(BASE_DIR / ".env")))

# ── What kind of installation this is ────────────────────────────────────────────────────────
ENVIRONMENT = env.str("HALFPENNY_ENV", default="development")
PRODUCTION = ENVIRONMENT == "production"
DEBUG = env.bool("DEBUG", default=ENVIRONMENT == "development")
VAR = Path(env.str("HALFPENNY_VAR", default=str(BASE_DIR / "var"))).resolve()

# ── Secrets ──────────────────────────────────────────────────────────────────────────────────
SECRET_KEY = env.str("SECRET_KEY", default="")
# Fernet keys for columns at rest (upstream keys), comma separated, newest first.
FIELD_KEYS: list[str] = env.list("FIELD_KEYS", default=[])
if not PRODUCTION:
    SECRET_KEY = SECRET_KEY or local_secrets.secret_key(VAR)
    FIELD_KEYS = FIELD_KEYS or local_secrets.field_keys(VAR)

# ── Applications ─────────────────────────────────────────────────────────────────────────────
INSTALLED_APPS = [
    "config",
    "orders",
    "panel",
    "config.admin_site.ReadOnlyAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "template_partials",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
]
MIDDLEWARE = [
    "config.log_context.RequestLogMiddleware",
    "config.health.ProbeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.maintenance.MaintenanceMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "panel.middleware.readable_text",
    "panel.middleware.panel_terms",
    "panel.middleware.htmx_manners",
    "panel.middleware.ended_sessions",
    "panel.two_factor.required",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            # django-template-partials wraps the loaders by itself.
            "builtins": [
                "template_partials.templatetags.partials",
                "django_htmx.templatetags.django_htmx",
                "panel.templatetags.halfpenny",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "panel.nav.frame",
            ],
        },
    }
]

# ── Database ─────────────────────────────────────────────────────────────────────────────────
DATABASES = databases.configure(env, VAR)

# ── Redis: broker, cache and rate limits ─────────────────────────────────────────────────────
# "" means none: rings are dropped (the sweeps find the rows), the cache is this process's own.
REDIS_URL = env.str("REDIS_URL", default="")
if not REDIS_URL and embedded_broker.is_running(VAR):
    REDIS_URL = embedded_broker.url(VAR)
CACHES = {
    "default": {
        "BACKEND": "config.cache.CacheWithSpare",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "halfpenny",
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

# ── Celery (the timetable stands in config/celery.py) ────────────────────────────────────────
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://").removesuffix("?db=0")
CELERY_BROKER_URL = CELERY_BROKER_URL or "memory://"
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker as long as it takes
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # kombu gives the tasks of a killed worker back only after this long; it must be above
    # the hard time limit below, or a task that still runs would be handed out again.
    "visibility_timeout": 120,
    # ... and looks for them every interval x throttle seconds.
    "unacked_restore_interval": 15,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 2,
    "global_keyprefix": env.str("BROKER_PREFIX", default="halfpenny:"),
    # A ring that finds no broker gives up at once; workers have retries of their own.
    "max_retries": 0,
}
CELERY_TASK_SOFT_TIME_LIMIT = 90
CELERY_TASK_TIME_LIMIT = 105
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_ALWAYS_EAGER = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# SIGTERM waits for what runs, as long as it takes; SIGQUIT and a second Ctrl-C wait so long.
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 60.0
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "beat")
CELERY_BEAT_SCHEDULER = "config.beat:Scheduler"
CELERY_TIMEZONE = "UTC"

# ── People ───────────────────────────────────────────────────────────────────────────────────
AUTH_USER_MODEL = "orders.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "panel.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "panel.sign_up.SignUpForm"
# A code is typed where the sign-up began: no link that another program opens or logs.
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_RATE_LIMITS = {"setup_code": "10/10m/ip"}  # beside allauth's own
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=0)
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ADAPTER = "panel.two_factor.SealingAdapter"
# Of the owner and of admins; everybody else may.
TWO_FACTOR_REQUIRED = env.bool("TWO_FACTOR_REQUIRED", default=PRODUCTION)
# Whoever is signed in has proven an address, or the house vouched for it; one that is still to be
# proven after a change is no reason to go without a second factor.
MFA_ALLOW_UNVERIFIED_EMAIL = True

# ── Security ─────────────────────────────────────────────────────────────────────────────────
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=[] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]"]
)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
HTTPS = env.bool("HTTPS", default=PRODUCTION)
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
if ALLAUTH_TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_NAME = "halfpenny_session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_NAME = "halfpenny_csrf"
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "img-src": [SELF, "data:"],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
# Every page answers 503 until it is unset again (config/maintenance.py).
MAINTENANCE = env.bool("MAINTENANCE", default=False)
# Who may read /metrics: programs that send this as a bearer token; or those of this machine.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
METRICS_LOOPBACK = env.bool("METRICS_LOOPBACK", default=False)
# The longest list that an order takes, with every character percent-encoded at its longest.
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024
# Whether alerts may be posted to http and to addresses of this machine or network. In production
# never: the address is typed by people, and the server reaches what they must not.
PRIVATE_WEBHOOKS = not PRODUCTION
# The same of providers' addresses. An installation may have one on its own network and say so.
PRIVATE_PROVIDERS = env.bool("PRIVATE_PROVIDERS", default=not PRODUCTION)
# So many processes may walk one provider's orders side by side.
POLL_SHARDS = max(env.int("POLL_SHARDS", default=1), 1)
# Calls a minute to the customers' API.
API_CALLS_PER_KEY = env.int("API_CALLS_PER_KEY", default=600)
API_LISTS_PER_KEY = env.int("API_LISTS_PER_KEY", default=60)
API_CALLS_PER_ADDRESS = env.int("API_CALLS_PER_ADDRESS", default=1200)
API_WRONG_KEYS_PER_ADDRESS = env.int("API_WRONG_KEYS_PER_ADDRESS", default=20)

# ── Words, times, files, mail ────────────────────────────────────────────────────────────────
# Of programs, logs and commands, and of a panel that says nothing else.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("tr", "Türkçe")]
LANGUAGE_COOKIE_NAME = "halfpenny_language"
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
# Outside production nothing is collected: files are served from where they lie.
STATIC_ROOT = env.str("STATIC_ROOT", default=str(VAR / "static") if PRODUCTION else None)
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "panel.fonts.InterFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="panel@localhost")
EMAIL_TIMEOUT = 10
# Where people reach the panel: the beginning of every address in an e-mail.
PUBLIC_URL = env.str(
    "PUBLIC_URL",
    default=f"https://{ALLOWED_HOSTS[0]}"
    if PRODUCTION and ALLOWED_HOSTS
    else "http://127.0.0.1:8000",
)
# Who words the e-mails to customers.
NOTICE_WRITER = "panel.customer.letters.news"

# ── Money ────────────────────────────────────────────────────────────────────────────────────
# Where hosted checkout is spoken to; the tests put a stand-in there.
CHECKOUT_URL = "https://api.stripe.com"

# ── Logs and errors ──────────────────────────────────────────────────────────────────────────
LOG_FORMAT = env.str("LOG_FORMAT", default="json" if PRODUCTION else "console")
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING = logs.configure(LOG_FORMAT, LOG_LEVEL)
if SENTRY_DSN := env.str("SENTRY_DSN", default=""):
    sentry.start(SENTRY_DSN, ENVIRONMENT, secrets=(SECRET_KEY, *FIELD_KEYS, SENTRY_DSN))

if problems := safety.problems(vars()):
    raise ImproperlyConfigured(safety.refusal(problems))
