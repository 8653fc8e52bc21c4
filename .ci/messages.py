"""Collect what is to be translated into locale/*/LC_MESSAGES/*.po, and keep what is translated.

    make messages                  # write them
    python .ci/messages.py --check # write nothing; 1 when a file would change

Without gettext's programs: Babel reads Python and JavaScript, Django turns its templates into
something like Python first. A message that is no longer there goes; a new one is empty until
somebody writes it. No file holds a date or a line number, so that a change shows what changed.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import django
from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation import templatize

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ("config", "orders", "panel")
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
NOTES = ("Translators:",)
LONGEST_LINE = 100

Message = tuple[int, str | tuple[str, ...], list[str], str | None]
Found = Iterator[tuple[str, Message]]


def of_pages() -> Found:
    """What templates and Python code say."""
    for folder in PYTHON:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield from _in(path, "python", path.read_bytes())
    for path in sorted((ROOT / "templates").rglob("*.*")):
        if path.suffix in (".html", ".txt"):
            yield from _in(path, "python", _as_code(path.read_text("utf-8")))


def _as_code(template: str) -> bytes:
    """A template as one line of calls: what Django makes of it has no lines of Python."""
    calls = templatize(template).splitlines()
    return " ".join(line for line in calls if not line.lstrip().startswith("#")).encode()


def of_scripts() -> Found:
    """What scripts say."""
    for path in sorted((ROOT / "static" / "js").glob("*.js")):
        yield from _in(path, "javascript", path.read_bytes())


DOMAINS = {"django": of_pages, "djangojs": of_scripts}


def _in(path: Path, language: str, content: bytes) -> Found:
    name = str(path.relative_to(ROOT))
    for message in extract(language, io.BytesIO(content), KEYWORDS, NOTES, {"encoding": "utf-8"}):
        yield name, message


def collected(domain: str) -> Catalog:
    """Every message, once, in the order of the files that say it."""
    catalog = Catalog(charset="utf-8")
    for name, (_, text, notes, context) in DOMAINS[domain]():
        catalog.add(
            text,
            locations=[(name, None)],  # type: ignore[list-item]
            auto_comments=notes,
            context=context,
        )
    return catalog


def updated(path: Path, language: str, template: Catalog) -> str:
    """The file's text with every message of today, those known translated."""
    known = Catalog(locale=language)
    if path.exists():
        known = read_po(io.BytesIO(path.read_bytes()), locale=language)
    fresh = Catalog(locale=language, charset="utf-8")
    for message in template:
        if not message.id:
            continue
        old = known.get(message.id, message.context)
        kept = old.string if old is not None and _same_shape(old.id, message.id) else ""
        fresh.add(
            message.id,
            kept,
            locations=[(name, None) for name in sorted({name for name, _ in message.locations})],
            auto_comments=message.auto_comments,
            user_comments=old.user_comments if old is not None else (),
            context=message.context,
            flags=[flag for flag in message.flags if flag != "fuzzy"],
        )
    return _written(fresh, language)


def _same_shape(one: object, other: object) -> bool:
    return isinstance(one, str) == isinstance(other, str)


def _written(catalog: Catalog, language: str) -> str:
    body = io.BytesIO()
    write_po(body, catalog, width=LONGEST_LINE, omit_header=True, include_lineno=False)
    head = (
        'msgid ""',
        'msgstr ""',
        f'"Language: {language}\\n"',
        f'"Plural-Forms: {catalog.plural_forms}\\n"',
        '"MIME-Version: 1.0\\n"',
        '"Content-Type: text/plain; charset=utf-8\\n"',
        '"Content-Transfer-Encoding: 8bit\\n"',
    )
    return ("\n".join(head) + "\n\n" + body.getvalue().decode().strip()).rstrip() + "\n"


def main() -> int:
    """Write the files, or with `--check` say which are not as they would be written."""
    settings.configure(USE_I18N=True, SECRET_KEY="none")
    django.setup()
    stale = []
    for domain in DOMAINS:
        template = collected(domain)
        for folder in sorted((ROOT / "locale").iterdir()):
            path = folder / "LC_MESSAGES" / f"{domain}.po"
            text = updated(path, folder.name, template)
            if not path.exists() or path.read_text("utf-8") != text:
                stale.append(str(path.relative_to(ROOT)))
            if "--check" not in sys.argv:
                path.write_text(text, "utf-8")
    if stale:
        print("\n".join(stale))
    return int(bool(stale) and "--check" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
