"""The product's settings, with a stand-in for the gateway and without e-mail."""

from config.settings import *  # noqa: F403
from config.settings import env

EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
CHECKOUT_URL = env.str("CHAOS_CHECKOUT_URL")
