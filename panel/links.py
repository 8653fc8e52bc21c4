"""Addresses of pages that a panel may or may not have."""

from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode


def there(name: str, **query: str) -> str:
    """The address of a page, with its query; "" where the panel has no such page."""
    try:
        url = reverse(name)
    except NoReverseMatch:
        return ""
    return f"{url}?{urlencode(query)}" if query else url
