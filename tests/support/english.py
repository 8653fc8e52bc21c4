"""English words of a page that nothing has translated: `brackets` marks what was.

Not looked at: what is between `<code>`, `<pre>`, `<kbd>`, `<samp>`, scripts and styles; initials;
and what is said to be no text of ours by `translate="no"`, `dir="auto"` (written by people) or
`lang` (written in a language of its own).
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.apps import apps
from django.db.models import CharField, JSONField, TextField

from tests.support.brackets import ATTRIBUTES

SILENT = frozenset({"code", "pre", "kbd", "samp", "script", "style", "textarea"})
VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)

NAMES = (
    *("Halfpenny", "API", "CSV", "PDF", "PNG", "JPEG", "WebP", "JSON", "XLSX", "URL", "HTTP", "IP"),
    *("USD", "EUR", "NOK", "UTC", "Slack", "Telegram", "Stripe", "WhatsApp", "HMAC", "SHA", "TOTP"),
    *(
        "v2",
        "Ctrl",
        "Enter",
        "Esc",
        "Alt",
        "Shift",
        "IBAN",
        "SSL",
        "TLS",
        "OK",
        "token",
        "English",
        "curl",
        "PHP",
        "Python",
        "cURL",
    ),
)
"""Words that are the same in every language."""

_BRACKETS = re.compile("⟦[^⟦⟧]*⟧")
_NO_WORDS = re.compile(
    r"https?://\S+|%\(\w+\)s|\bHP-\d+\b|[\w.+-]+@[\w.-]+|\b[\w-]+(?:\.[\w-]+)+\b|/[\w/.-]+|\b\w*\d[\w.]*\b|[#@{}]\w+"
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_UNITS = frozenset({"min", "kB", "MB", "ms"})
_SENTENCE = re.compile(r"[A-Za-z]{2,} [A-Za-z]")


@dataclass
class Page(HTMLParser):
    """Collects the texts of a page and of the attributes that are read out or shown."""

    texts: list[tuple[str, str]] = field(default_factory=list)
    _open: list[tuple[str, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        foreign = said.get("translate") == "no" or said.get("dir") == "auto"
        foreign = foreign or ("lang" in said and tag != "html")
        foreign = foreign or "ava" in (said.get("class") or "").split()
        foreign = foreign or (tag == "option" and "/" in (said.get("value") or ""))  # a time zone
        silent = self._is_silent or tag in SILENT or foreign
        if not silent:
            self._attributes(tag, said)
        if tag not in VOID:
            self._open.append((tag, silent))

    def handle_endtag(self, tag: str) -> None:
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place][0] == tag:
                del self._open[place:]
                return

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if text and not self._is_silent:
            self.texts.append(("text", text))

    @property
    def _is_silent(self) -> bool:
        return bool(self._open) and self._open[-1][1]

    def _attributes(self, tag: str, said: dict[str, str | None]) -> None:
        for name, value in said.items():
            is_shown = name in ATTRIBUTES or (
                tag == "input" and name == "value" and said.get("type") in ("submit", "button")
            )
            is_data = name.startswith("data-") and name != "data-keys"
            is_sentence = is_data and _SENTENCE.search(value or "")
            if value and (is_shown or (is_sentence and not _is_json(value))):
                self.texts.append((name, " ".join(value.split())))


def _is_json(value: str) -> bool:
    try:
        json.loads(value)
    except ValueError:
        return False
    return True


class Data:
    """Texts that stand in the database: what people, providers and programs wrote."""

    def __init__(self) -> None:
        texts = {" ".join(text.split()) for text in _stored()}
        names = set(_names())
        links = {re.sub(r"^https?://(www\.)?[^/]*/", "", text) for text in texts if "://" in text}
        written = {text for text in texts | links if _is_writing(text)} | names
        self._texts = sorted(written, key=len, reverse=True)
        self._pattern = re.compile(
            "|".join(rf"(?<!\w){re.escape(text)}(?!\w)" for text in self._texts) or "(?!)"
        )

    def without(self, text: str) -> str:
        """The text without what is data, whole or cut short by an ellipsis."""
        while "…" in text:
            cut, _, rest = text.partition("…")
            text = f"{self._without_beginning(cut)} {rest}"
        return self._pattern.sub(" ", text)

    def _without_beginning(self, text: str) -> str:
        """Without its end, where a stored text begins like that."""
        for word in re.finditer(r"[^\s“⟦(]+", text):
            end = text[word.start() :].strip()
            if len(end) > 8 and any(known.startswith(end) for known in self._texts):
                return text[: word.start()]
        return text


def _is_writing(text: str) -> bool:
    """Whether it is no code of ours, such as "in_progress", which a page must not show."""
    return len(text) > 2 and not re.fullmatch(r"[a-z_.]+", text)


def _stored() -> Iterator[str]:
    for model in apps.get_models():
        for column in model._meta.concrete_fields:
            if isinstance(column, JSONField):
                for value in _column(model, column.name):
                    yield from _strings(value)
            elif isinstance(column, CharField | TextField):
                for value in _column(model, column.name):
                    yield from (str(value or ""), *str(value or "").splitlines())


def _column(model: Any, name: str) -> list[Any]:
    return list(model._default_manager.values_list(name, flat=True).distinct())


def _names() -> Iterator[str]:
    """What may be a single small word and still was written by somebody."""
    for model, column in (("Customer", "name"), ("User", "name"), ("Cancellation", "answer")):
        yield from filter(None, _column(apps.get_model("orders", model), column))
    for details in _column(apps.get_model("orders", "Order"), "details"):
        yield from filter(None, (details.get(name) for name in ("link", "username")))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def english(html: str, data: Data) -> Iterator[tuple[str, str]]:
    """What of a page is English: where it stands ("text" or the attribute's name), and the text."""
    page = Page()
    page.feed(html)
    page.close()
    for where, text in page.texts:
        if words_of(data.without(_BRACKETS.sub(" ", text))):
            yield where, text


def words_of(text: str, but: Iterable[str] = NAMES) -> list[str]:
    """The words of a text, without names, units, numbers, addresses."""
    skipped = _UNITS.union(but)
    found = _WORD.findall(_NO_WORDS.sub(" ", text))
    return [word for word in found if word.isascii() and word not in skipped]
