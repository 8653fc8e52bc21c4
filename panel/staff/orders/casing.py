"""Words that begin a sentence in one place and stand inside another one elsewhere."""

from django.utils.translation import get_language

_TURKISH = str.maketrans({"I": "ı", "İ": "i"})


def lowered(text: object) -> str:
    """In small letters, by the rules of the reader's language: Turkish keeps the dot of its İ."""
    words = str(text)
    if (get_language() or "").startswith("tr"):
        words = words.translate(_TURKISH)
    return words.lower()
