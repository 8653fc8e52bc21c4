"""The forms of a page, what a browser would send from them, and what stands in them afterwards."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from random import Random
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.core.files.uploadedfile import SimpleUploadedFile

PASSWORDS = ("correct horse battery", "another horse battery")
FILES = (
    b"",
    b"\x00\xff" * 50,
    b"%PDF-1.4",
    b"a,b\n1\n",
    b"\xef\xbb\xbfemail\nx@y.example\n",
)
NOT_TYPED = {
    "hidden",
    "password",
    "file",
    "checkbox",
    "radio",
    "submit",
    "button",
    "image",
    "reset",
}
Said = dict[str, list[Any]]


@dataclass
class Field:
    """Something in a form that has a name."""

    name: str
    kind: str
    value: str
    is_on: bool = False
    options: list[tuple[str, bool]] = field(default_factory=list)
    """Of a select: each value, and whether it is the chosen one."""

    @property
    def is_text(self) -> bool:
        """Whether a person types into it what the page may show again."""
        return self.kind not in NOT_TYPED and self.kind != "select"

    def values(self) -> list[str]:
        """What a browser sends of it when nobody touches it."""
        if self.kind == "select":
            first = [value for value, _ in self.options[:1]]
            return [value for value, chosen in self.options if chosen] or first
        if self.kind in ("checkbox", "radio"):
            return [self.value or "on"] if self.is_on else []
        return [] if self.kind in ("submit", "button", "image", "reset", "file") else [self.value]


@dataclass(frozen=True)
class Form:
    """An address and the fields that go there; none of its own, and only their names are known."""

    url: str
    fields: tuple[Field, ...]
    names: tuple[str, ...]

    @property
    def texts(self) -> list[Field]:
        """What a person types into."""
        return [one for one in self.fields if one.is_text]


class _Reader(HTMLParser):
    """Collects fields by form; those outside say by `form` which one they belong to."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[tuple[dict[str, str], list[Field]]] = []
        self.loose: list[tuple[str, Field]] = []
        self.all: list[Field] = []
        self.is_in_form = False
        self.select: Field | None = None
        self.area: Field | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((said, []))
            self.is_in_form = True
        elif tag == "option" and self.select is not None:
            self.select.options.append((said.get("value", ""), "selected" in said))
        elif tag in ("input", "select", "textarea", "button") and said.get("name"):
            self._field(tag, said)

    def _field(self, tag: str, said: dict[str, str]) -> None:
        kinds = {"select": "select", "textarea": "textarea", "button": "submit"}
        kind = said.get("type", "").lower() or kinds.get(tag, "text")
        if tag in ("select", "textarea"):
            kind = tag
        if "disabled" in said or "readonly" in said:
            return
        found = Field(said["name"], kind, said.get("value", ""), "checked" in said)
        self.select = found if tag == "select" else None
        self.area = found if tag == "textarea" else None
        self.all.append(found)
        if said.get("form"):
            self.loose.append((said["form"], found))
        elif self.is_in_form:
            self.forms[-1][1].append(found)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.is_in_form = False
        elif tag == "select":
            self.select = None
        elif tag == "textarea" and self.area is not None:
            self.area.value = self.area.value.removeprefix("\r").removeprefix("\n")
            self.area = None

    def handle_data(self, data: str) -> None:
        if self.area is not None:
            self.area.value += data


def forms_on(html: str, page: str) -> Iterator[Form]:
    """The forms of a page that change something."""
    reader = _Reader()
    reader.feed(html)
    for said, fields in reader.forms:
        mine = [*fields, *(one for owner, one in reader.loose if owner == said.get("id"))]
        if said.get("method", "").lower() != "post":
            continue
        shown = tuple(one for one in mine if one.name != "csrfmiddlewaretoken")
        parts = urlsplit(urljoin(page, said.get("action") or page))
        url = parts.path + (f"?{parts.query}" if parts.query else "")
        yield Form(url, shown, tuple(sorted({one.name for one in shown})))


def fields_in(html: str) -> list[Field]:
    """Everything in a page that has a name, in forms or not."""
    reader = _Reader()
    reader.feed(html)
    return reader.all


def filled(form: Form, chance: Random, texts: Sequence[str]) -> Said:
    """A form as a person sends it who types anything into what can be typed into."""
    said: Said = {}
    buttons = [one for one in form.fields if one.kind in ("submit", "image")]
    pressed = chance.choice([*buttons, None]) if buttons else None
    fill = chance.choice((0.2, 0.6, 1.0))
    radios = {one.name for one in form.fields if one.kind == "radio" and chance.random() < 0.3}
    for one in form.fields:
        said.setdefault(one.name, []).extend(_answer(one, chance, texts, fill))
        if one is pressed:
            said[one.name].append(one.value)
    for name in radios:
        said[name] = [chance.choice([one.value for one in form.fields if one.name == name])]
    return {name: values for name, values in said.items() if values}


def _answer(one: Field, chance: Random, texts: Sequence[str], fill: float) -> list[Any]:
    if one.is_text:
        return [typed_into(one, chance.choice(texts))] if chance.random() < fill else one.values()
    if one.kind == "password":
        return [chance.choice((*PASSWORDS, chance.choice(texts)))]
    if one.kind == "file" and chance.random() < 0.5:
        return [SimpleUploadedFile("../a\u202e.csv", chance.choice(FILES))]
    if one.kind == "select" and one.options and chance.random() < 0.3:
        return [chance.choice(one.options)[0]]
    if one.kind == "checkbox" and chance.random() < 0.3:
        return [] if one.is_on else [one.value or "on"]
    return one.values()


def typed_into(one: Field, text: str) -> str:
    """What a browser makes of it: a line has no ends of lines, and nobody types a NUL."""
    text = text.replace("\x00", "")
    if one.kind == "textarea":
        return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    return text.replace("\r", "").replace("\n", "")


def lost(form: Form, said: Said, shown: Iterable[Field]) -> dict[str, list[str]]:
    """What was typed and stands in no field of its name any more."""
    held: dict[str, list[str]] = {}
    for one in shown:
        held.setdefault(one.name, []).extend(_plain(value) for value in one.values())
    names = {one.name for one in form.texts}
    return {
        name: gone
        for name in sorted(names)
        if (gone := [v for v in said.get(name, []) if _is_gone(v, held.get(name))])
    }


def _is_gone(text: str, held: list[str] | None) -> bool:
    """A field that is not there any more holds what was left empty."""
    return _plain(text) not in (held if held is not None else [""])


def _plain(text: str) -> str:
    """Ends of lines are one; of blanks around it nothing depends."""
    return "\n".join(text.splitlines()).strip()
