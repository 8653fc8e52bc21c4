"""From a request in any shape that clients send to plain parameters.

Forms, JSON (also posted as a form, as some PHP clients do), multipart and, to read, the query; the
key among the parameters or as a Bearer token.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError

from panel.api.refusals import Refusal
from panel.api_errors import REQUEST

ABSENT = frozenset({"", "undefined", "null"})
"""What clients send for an optional parameter that they leave out."""

BY_COMMAS = frozenset({"order", "orders", "refill", "refills"})
"""Parameters whose lists are written with commas; of all others, one value a line."""

_ARRAY = re.compile(r"(\w+)\[\w*\]")

Parameters = Mapping[str, str]


def parameters(request: HttpRequest) -> Parameters:
    """All that was sent, absent values left out. Raises `Refusal` for what cannot be read."""
    try:
        said = _pairs(request.GET)
        if request.method == "POST":
            said |= _body(request)
    except (
        *(BadRequest, MultiPartParserError, RequestDataTooBig, SuspiciousOperation),
        *(UnreadablePostError, ValueError, RecursionError),
    ) as error:
        raise Refusal(REQUEST) from error
    said = {name: value.strip() for name, value in said.items()}
    if "key" not in said and (token := _bearer(request)):
        said["key"] = token
    return {name: value for name, value in said.items() if value not in ABSENT}


def _bearer(request: HttpRequest) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _body(request: HttpRequest) -> dict[str, str]:
    if int(request.META.get("CONTENT_LENGTH") or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        raise BadRequest("Too large.")
    if request.content_type == "multipart/form-data":
        return _pairs(request.POST)
    text = request.body.decode("utf-8-sig")
    if text.lstrip().startswith("{") or "json" in (request.content_type or ""):
        return _document(text)
    return _pairs(QueryDict(text))


def _pairs(sent: QueryDict) -> dict[str, str]:
    """A name given twice counts as given last; `orders[]=1&orders[]=2` is a list."""
    pairs: dict[str, str] = {}
    lists: dict[str, list[str]] = {}
    for name, values in sent.lists():
        if array := _ARRAY.fullmatch(name):
            lists.setdefault(array[1], []).extend(values)
        elif values:
            pairs[name] = values[-1]
    pairs |= {name: _joined(name, values) for name, values in lists.items()}
    return {name: _storable(value) for name, value in pairs.items()}


def _document(text: str) -> dict[str, str]:
    # Figures stay as they were written: no float comes between a client and us.
    said = json.loads(text, parse_int=str, parse_float=_whole, parse_constant=str)
    if not isinstance(said, dict):
        raise ValueError("not an object")
    return {name: _storable(_text(name, value)) for name, value in said.items()}


def _whole(figure: str) -> str:
    """PHP and JavaScript may write 100 as 100.0."""
    return figure.removesuffix(".0")


def _text(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return _joined(name, (_text(name, item) for item in value))
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, str):
        return value
    raise ValueError(f"{type(value).__name__} in a parameter")


def _joined(name: str, values: Iterable[str]) -> str:
    return ("," if name in BY_COMMAS else "\n").join(values)


def _storable(text: str) -> str:
    """NULs and lone surrogates are what no database takes."""
    if "\x00" in text:
        raise ValueError("a NUL")
    text.encode()
    return text
