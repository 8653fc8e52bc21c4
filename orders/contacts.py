"""E-mail addresses and phone numbers as people type them, and as they are stored."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from orders.errors import FieldErrors

SHORTEST, LONGEST = 7, 15
"""Digits of a phone number with its country code (ITU-T E.164 allows fifteen)."""

_TRUNK_ZERO = re.compile(r"\(\s*0\s*\)")
_BETWEEN = re.compile(r"[\s().\-/\u2010-\u2015\u200e\u200f]")


def normalise_phone(text: str) -> str:
    """Digits with country code: "+44 (0) 20 7946-0018" and "00442079460018" are one number.

    Empty stays empty. Raises `FieldErrors` for "phone".
    """
    typed = _BETWEEN.sub("", _TRUNK_ZERO.sub("", text.strip()))
    if not typed:
        return ""
    digits = "".join(_digit(sign) for sign in typed.removeprefix("+"))
    if not typed.startswith("+"):
        digits = digits.removeprefix("00")
    if not digits.isdecimal() or not SHORTEST <= len(digits) <= LONGEST:
        raise FieldErrors({"phone": f"Type {SHORTEST} to {LONGEST} digits, country code first."})
    if digits.startswith("0"):
        raise FieldErrors({"phone": "Begin with the country code, as in +44 20 7946 0018."})
    return digits


def _digit(sign: str) -> str:
    """Any script's digit as ours; what is no digit stays, to be refused."""
    value = unicodedata.decimal(sign, None)
    return sign if value is None else str(value)


def normalise_email(text: str) -> str:
    """Lower case without blanks around it. Empty stays empty. Raises `FieldErrors` for "email"."""
    email = text.strip().lower()
    if not email:
        return ""
    try:
        validate_email(email)
    except ValidationError as error:
        raise FieldErrors({"email": "Type an e-mail address like pat@example.com."}) from error
    return email
