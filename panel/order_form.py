"""The fields of a new order, as its service's type declares them: for customers and for staff."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from orders.service_types import MOST_LINES, Field, ServiceType, count_lines
from panel.delivery import between, in_posts, in_runs
from panel.display import count, marks

PREFIX = "f"
_NUMERIC = ("quantity", "number")


@dataclass(frozen=True)
class Counter:
    """How many lines a list has, in words; `static/js/order_fields.js` goes on counting."""

    unit: str
    least: int
    most: int
    lines: int

    @property
    def words(self) -> str:
        """ "12 comments", and what is amiss with so many; nothing while there are none."""
        if not self.lines:
            return ""
        said = {"count": count(self.lines), "unit": self._unit, "off": count(self._off)}
        if self.lines < self.least:
            return _("%(count)s %(unit)s, %(off)s too few") % said
        if self.lines > self.most:
            return _("%(count)s %(unit)s, %(off)s too many") % said
        return _("%(count)s %(unit)s") % said

    @property
    def fits(self) -> bool:
        return not self._off

    @property
    def _off(self) -> int:
        """How many are too few or too many."""
        return max(self.least - self.lines, self.lines - self.most, 0)

    @property
    def _unit(self) -> str:
        is_one = self.lines == 1 and get_language() == "en"
        return str(self.unit).removesuffix("s") if is_one else str(self.unit)


@dataclass(frozen=True)
class Condition:
    """The field, by its id on the page, and the value with which another one is asked for."""

    of: str
    value: str


class DetailsForm(forms.Form):
    """The fields that a type declares. It carries what was typed; the engine cleans it."""

    def __init__(
        self,
        kind: ServiceType,
        limits: tuple[int, int],
        data: Mapping[str, Any] | None,
        *,
        typed: Mapping[str, str] | None = None,
        drip: bool = False,
    ):
        """`limits` are the least and the most; `typed` stands in the fields until `data` comes.
        `drip`: this service can be delivered in runs."""
        super().__init__(data, initial=dict(typed or {}), prefix=PREFIX)
        folded = kind.drip_fields if drip else ()
        for field in (*kind.offered_fields, *folded):
            made = self.fields[field.name] = _form_field(field, _limits(field, kind, *limits))
            if field.kind == "lines":
                bounds = limits if field.name == kind.counts else (0, MOST_LINES)
                lines = count_lines(self[field.name].value() or "")
                made.counter = Counter(field.unit or _("lines"), *bounds, lines)  # type: ignore[attr-defined]
            if field.required_if:
                other, value = field.required_if
                made.shown_if = Condition(self[other].id_for_label, value)  # type: ignore[attr-defined]
        self._folded = [field.name for field in folded]
        self._kind = kind

    @property
    def shown(self) -> list[BoundField]:
        """The fields that are always in sight."""
        return [self[name] for name in self.fields if name not in self._folded]

    @property
    def folded(self) -> list[BoundField]:
        """Those of a delivery in runs, which are folded away; empty where there is none."""
        return [self[name] for name in self._folded]

    @property
    def is_unfolded(self) -> bool:
        return any(bound.value() or bound.errors for bound in self.folded)

    @property
    def has_words(self) -> bool:
        """Whether what is typed is said again in a sentence."""
        return bool(self._folded or self._kind.posts)

    @property
    def target(self) -> str:
        """The field with what is delivered to."""
        return "username" if self._kind.posts else "link"

    @property
    def typed_target(self) -> str:
        return str(self.values().get(self.target, "")).strip()

    @property
    def in_words(self) -> str:
        """The delivery in runs, or the subscription, as far as it is typed."""
        return self._in_posts if self._kind.posts else self._in_runs

    @property
    def _in_posts(self) -> str:
        least, most, posts = (self._typed_in(name) for name in ("min", "max", "posts"))
        if not (least and most and posts) or least > most:
            return ""
        old = self._typed_in("old_posts") or 0
        return f"{in_posts(least, most, posts + old)}."

    def _typed_in(self, name: str) -> int | None:
        return _whole(self[name].value())

    @property
    def _in_runs(self) -> str:
        typed = [_whole(self[name].value()) for name in ("quantity", *self._folded) if self._folded]
        known = [number for number in typed if number]
        return in_runs(*known) if len(known) == 3 and known[1] > 1 else ""

    def values(self) -> dict[str, Any]:
        """What was typed, by the names of the declaration."""
        return {name: self[name].value() or "" for name in self.fields}

    def tell(self, errors: Mapping[str, str]) -> list[str]:
        """Put each error at its field; those of no field are returned."""
        known = {name: text for name, text in errors.items() if name in self.fields}
        for name, text in known.items():
            self.add_error(name, text)
        return [text for name, text in errors.items() if name not in known]


def _whole(typed: Any) -> int | None:
    """A number as people group it, for words; the engine reads what counts."""
    text = re.sub(r"[\s,]", "", str(typed or "").replace(marks()[1], ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _form_field(field: Field, limits: str) -> forms.Field:
    attrs: dict[str, str | int] = {"autocomplete": "off"}
    if field.required:
        attrs["aria-required"] = "true"
    made: forms.Field
    if field.kind == "choice":
        choices = [("", _("Choose")), *field.choices]
        made = forms.CharField(required=False, widget=forms.Select(attrs, choices))
    elif field.kind == "lines":
        made = forms.CharField(required=False, widget=forms.Textarea(attrs | {"rows": 5}))
    else:
        modes = {"link": "url", "url": "url"} | dict.fromkeys(_NUMERIC, "numeric")
        if mode := modes.get(field.kind):
            attrs["inputmode"] = mode
        made = forms.CharField(required=False, widget=forms.TextInput(attrs))
    made.label, made.help_text = field.label, field.hint
    made.limits = limits  # type: ignore[attr-defined]  # read by the field's tag
    made.affix = field.unit if field.kind == "number" else ""  # type: ignore[attr-defined]
    return made


def _limits(field: Field, kind: ServiceType, least: int, most: int) -> str:
    if field.name == kind.counts:
        return " ".join(filter(None, (between(least, most), field.unit)))
    return "" if field.required or field.required_if else _("optional")
