"""E-mail addresses and phone numbers as people type them, and as they are stored."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from orders.errors import FieldErrors
from orders.kept_words import Sentence

DIGITS = Sentence(gettext_noop("Type %(least)s to %(most)s digits, country code first."))

SHORTEST, LONGEST = 7, 15
"""Digits of a phone number with its country code (ITU-T E.164 allows fifteen)."""
SHORTEST_END = 5
"""Digits that are looked for at the end of a number too, as it is said without country code."""

_TRUNK_ZERO = re.compile(r"\(\s*0\s*\)")
_BETWEEN = re.compile(r"[\s().\-/\u2010-\u2015\u200e\u200f]")


def normalise_phone(text: str) -> str:
    """Digits with country code: "+44 (0) 20 7946-0018" and "00442079460018" are one number.

    Empty stays empty. Raises `FieldErrors` for "phone".
    """
    typed = _without_spaces(text)
    if not typed:
        return ""
    digits = _dialled(typed)
    if not digits.isdecimal() or not SHORTEST <= len(digits) <= LONGEST:
        raise FieldErrors({"phone": DIGITS.said(least=SHORTEST, most=LONGEST)})
    if digits.startswith("0"):
        raise FieldErrors({"phone": _("Begin with the country code, as in +44 20 7946 0018.")})
    return digits


def part_of_phone(text: str) -> str:
    """What to look for among stored numbers: "0044 20" as 4420, "(020) 7946" as 0207946.

    Empty when the text is no part of a phone number.
    """
    digits = _dialled(_without_spaces(text))
    return digits if digits.isdecimal() and len(digits) <= LONGEST else ""


def _without_spaces(text: str) -> str:
    return _BETWEEN.sub("", _TRUNK_ZERO.sub("", text.strip()))


def _dialled(typed: str) -> str:
    """The digits of a number in the way that it is stored; what is none of them stays."""
    digits = "".join(_digit(sign) for sign in typed.removeprefix("+"))
    return digits if typed.startswith("+") else digits.removeprefix("00")


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
        raise FieldErrors({"email": _("Type an e-mail address like pat@example.com.")}) from error
    return email
