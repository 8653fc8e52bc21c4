"""What production refuses to start with, and why. Read by settings.py as its last act, so that
web, worker, beat and every command refuse alike.
"""

from collections.abc import Mapping
from typing import Any

from cryptography.fernet import Fernet

ENVIRONMENTS = ("development", "demo", "test", "production")
SHORTEST_SECRET_KEY = 50
SHORTEST_TOKEN = 24


def problems(settings: Mapping[str, Any]) -> list[str]:
    """The reasons why these settings must not be used; none outside production but bad keys."""
    found = []
    if settings["ENVIRONMENT"] not in ENVIRONMENTS:
        found.append(f"HALFPENNY_ENV must be one of {', '.join(ENVIRONMENTS)}.")
    if not all(_is_fernet_key(key) for key in settings["FIELD_KEYS"]):
        found.append(
            "FIELD_KEYS holds something that is not a Fernet key; make one with "
            "`python -m config.new_key`."
        )
    return found + (_production_problems(settings) if settings["PRODUCTION"] else [])


def refusal(found: list[str]) -> str:
    """One message with every reason."""
    return "Halfpenny refuses to start:\n" + "\n".join(f"- {reason}" for reason in found)


def _production_problems(settings: Mapping[str, Any]) -> list[str]:
    key, hosts = settings["SECRET_KEY"], settings["ALLOWED_HOSTS"]
    checks = {
        "DEBUG is on: error pages would show settings and data. Unset it.": settings["DEBUG"],
        f"SECRET_KEY is missing, or shorter than {SHORTEST_SECRET_KEY} characters, or too plain: "
        "sessions could be forged.": len(key) < SHORTEST_SECRET_KEY or len(set(key)) < 10,
        "FIELD_KEYS is missing: providers' keys could not be stored encrypted. Make one with "
        "`python -m config.new_key`.": not settings["FIELD_KEYS"],
        "ALLOWED_HOSTS is empty: name the host names of this panel.": not hosts,
        "ALLOWED_HOSTS has a wildcard for everything: name the host names.": "*" in hosts,
        "CSRF_TRUSTED_ORIGINS has an origin that is not https.": any(
            not origin.startswith("https://") for origin in settings["CSRF_TRUSTED_ORIGINS"]
        ),
        "HTTPS is off: passwords and sessions would travel in the clear.": not settings["HTTPS"],
        f"METRICS_TOKEN is shorter than {SHORTEST_TOKEN} characters: it could be guessed.": 0
        < len(settings["METRICS_TOKEN"])
        < SHORTEST_TOKEN,
        "REDIS_URL is missing: web, worker and beat need one broker between them.": not settings[
            "REDIS_URL"
        ],
    }
    return [reason for reason, wrong in checks.items() if wrong]


def _is_fernet_key(text: str) -> bool:
    try:
        Fernet(text)
    except ValueError:
        return False
    return True
