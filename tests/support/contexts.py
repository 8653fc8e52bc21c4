"""Everything that a page's template could have reached, whether it showed it or not.

Django's templates reach no name that begins with an underscore, so neither does this.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from types import FunctionType
from typing import Any

from django.db.models import Manager, Model, QuerySet
from django.forms import BaseForm
from django.http import HttpRequest
from django.utils.functional import cached_property as DjangoCachedProperty

OUR_MODULES = ("orders.", "panel.")
COMPUTED = (property, cached_property, DjangoCachedProperty)
DEEPEST = 12


def contexts_of(response: Any) -> list[dict[str, Any]]:
    """The layers of the contexts of every template that made this response."""
    return [layer for context in response.context or [] for layer in context.dicts]


def reachable(response: Any) -> Iterator[Any]:
    """Every value of the contexts: through containers, our own objects, rows with the rows that
    were fetched beside them, forms, and functions that a template would call."""
    seen: set[int] = set()
    kept: list[Any] = []  # or ids of the dead would be used again
    for layer in contexts_of(response):
        yield from _walk(layer, seen, kept, 0)


def _walk(value: Any, seen: set[int], kept: list[Any], depth: int) -> Iterator[Any]:
    if isinstance(value, HttpRequest) or depth > DEEPEST:
        return
    if isinstance(value, str | int | float | bool | type(None)):
        yield value
        return
    if id(value) in seen:
        return
    seen.add(id(value))
    kept.append(value)
    yield value
    for inner in _inside(value):
        yield from _walk(inner, seen, kept, depth + 1)


def _inside(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        yield from value.values()
    elif isinstance(value, list | tuple | set | frozenset):
        yield from value
    elif isinstance(value, QuerySet):
        yield from value[:50] if value._result_cache is None else value
    elif isinstance(value, Model):
        yield _public({**vars(value), **value._state.fields_cache})
    elif isinstance(value, FunctionType):
        yield from _called(value)
    elif not isinstance(value, type | Manager) and _is_ours(value):
        yield from _attributes(value)
    if isinstance(value, BaseForm):
        yield from (value.initial, dict(value.data), getattr(value, "cleaned_data", {}))
        yield from (list(getattr(field, "choices", ())) for field in value.fields.values())


def _is_ours(value: Any) -> bool:
    return type(value).__module__.startswith(OUR_MODULES)


def _public(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if not name.startswith("_")}


def _called(function: Callable[..., Any]) -> Iterator[Any]:
    if function.__module__.startswith(OUR_MODULES) and not function.__code__.co_argcount:
        yield function()


def _attributes(value: Any) -> Iterator[Any]:
    """What the object holds, and what its properties make of it."""
    yield _public(getattr(value, "__dict__", {}))
    for name in dir(type(value)):
        if not name.startswith("_") and isinstance(getattr(type(value), name), COMPUTED):
            yield getattr(value, name)
