"""Django's settings, derived from the home and a few environment variables."""

from __future__ import annotations

import os
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from perilune.site.home import Home, database_settings

PACKAGE = Path(__file__).resolve().parent.parent
HOME = Home.from_environment()
PERILUNE_HOME = HOME.path

SECRET_KEY = os.environ.get("PERILUNE_SECRET") or HOME.secret()
DEBUG = os.environ.get("PERILUNE_DEBUG") == "1"
ALLOWED_HOSTS = os.environ.get("PERILUNE_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [
    origin for origin in os.environ.get("PERILUNE_ORIGINS", "").split(",") if origin
]

INSTALLED_APPS = [
    "perilune.ui",
    "perilune.jobs",
    "perilune.history",
    "perilune.people",
    "perilune.crm",
    "perilune.privacy",
    "perilune.insights",
    "perilune.planning",
    "perilune.territories",
    "perilune.forecasting",
    "perilune.metrics",
    "perilune.hub",
    "perilune.demo",
    "perilune.site",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "django_q",
    "allauth",
    "allauth.account",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    # pages and files travel compressed; Django pads them, so that their length betrays nothing
    "django.middleware.gzip.GZipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "perilune.people.web.language.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "perilune.site.middleware.SecurityHeaders",
    "perilune.site.middleware.OneLook",
]

ROOT_URLCONF = "perilune.site.urls"
WSGI_APPLICATION = "perilune.site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "perilune.site.context.frame",
            ],
        },
    }
]

# -- databases: the records, and a second file for what must never hold them up --------------------

DATABASE_URL = os.environ.get("DATABASE_URL", "")
DATABASES = database_settings(HOME, DATABASE_URL)
QUEUE_DATABASE = "queue" if "queue" in DATABASES else "default"
DATABASE_ROUTERS = ["perilune.site.routers.QueueRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- people ----------------------------------------------------------------------------------------

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "perilune.people.web.adapter.ClosedAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = os.environ.get("PERILUNE_HTTPS") == "1"
X_FRAME_OPTIONS = "DENY"

# -- languages: French and English are equals ------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French"))]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"  # pages show the company's zone

# -- files -----------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = os.environ.get("PERILUNE_STATIC", str(PERILUNE_HOME / "static"))
WHITENOISE_USE_FINDERS = True
WHITENOISE_MIMETYPES = {".mjs": "text/javascript"}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_ROOT = str(PERILUNE_HOME / "uploads")
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

# -- jobs: at least once; a step lasts at most 30 s, twice that is a hang --------------------------

JOB_STEP_SECONDS = int(os.environ.get("PERILUNE_STEP_SECONDS", "60"))
JOB_LEASE_SECONDS = JOB_STEP_SECONDS * 4 // 3  # longer than a step may last, shorter than `retry`

Q_CLUSTER = {
    "name": "perilune",
    "orm": QUEUE_DATABASE,
    "workers": int(os.environ.get("PERILUNE_WORKERS", "1")),
    "timeout": JOB_STEP_SECONDS,
    "retry": JOB_STEP_SECONDS * 3 // 2,
    "max_attempts": 10,
    "ack_failures": True,
    "poll": 0.5,
    "catch_up": False,
    "save_limit": 200,
    "label": "Jobs",
}

# -- webhooks: networks beside the public ones that may be called, such as 10.1.0.0/16 ------------

PERILUNE_HOOKS_ALLOW = [
    text for text in os.environ.get("PERILUNE_HOOKS_ALLOW", "").split(",") if text.strip()
]

# -- mail ------------------------------------------------------------------------------------------

EMAIL_HOST = os.environ.get("PERILUNE_SMTP_HOST", "")
EMAIL_PORT = int(os.environ.get("PERILUNE_SMTP_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("PERILUNE_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("PERILUNE_SMTP_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("PERILUNE_SMTP_TLS") == "1"
PERILUNE_URL = os.environ.get("PERILUNE_URL", "")  # where links in mails lead; empty: no links
DEFAULT_FROM_EMAIL = os.environ.get("PERILUNE_MAIL_FROM", "perilune@localhost")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}

# registries are filled at the start: a server's visitors and a worker's jobs must not wait for it;
# commands fill one when it is first asked
PERILUNE_FILLS_AT_ONCE = True
