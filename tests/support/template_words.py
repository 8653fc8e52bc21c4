"""English words in templates outside of what is translated, on every branch.

    {% translate %}, {% blocktranslate %} and _("…") are translated; everything else that a template
writes, and every text that it hands to a tag or to an included part, is not.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.template.base import Lexer, Token, TokenType
from django.utils.text import smart_split

from tests.support.english import Page, words_of

ROOT = Path(settings.BASE_DIR) / "templates"
BLANK = "\x01"
"""Stands for what a tag or variable writes."""

# What is handed to these is a name, a pattern or a path.
_NAMES = frozenset(
    (
        *("url", "static", "load", "extends", "block", "endblock", "partialdef", "partial", "mark"),
        *("translate", "icon", "coin", "avatar", "now", "cycle", "if", "elif", "for", "csrf_token"),
        *(
            "element",
            "endelement",
            "slot",
            "endslot",
            "setvar",
            "endsetvar",
            "get_current_language",
        ),
        *("provider_login_url", "regroup", "firstof", "htmx_script", "ifchanged"),
    )
)
# Options of tags that are read by programs.
_OPTIONS = re.compile(
    r"^(hx_\w+|id|type|url|icon|tone|kind|name|autocomplete|inputmode|level|form|form_id|scale|data_\w+"
    r"|aria_controls|aria_describedby|list|state|part|target|key|step|min|max|pattern|role|size|class"
    r"|tags|method|action|\w+_url|\w+_id|mode|face|affix_name|accept|way|prefix|suffix_name)="
)
_QUOTED = re.compile(r"""(_\()?("[^"]*"|'[^']*')""")


def untranslated(only: str = "") -> list[tuple[str, str, str]]:
    """Path, place and text of all that is English in the templates whose path holds `only`."""
    found = []
    for path in sorted(ROOT.rglob("*.html")) + sorted(ROOT.rglob("*.txt")):
        name = str(path.relative_to(ROOT.parent))
        if only in name:
            found += [(name, where, text) for where, text in words_in(path.read_text("utf-8"))]
    return found


def words_in(template: str) -> Iterator[tuple[str, str]]:
    """Place and text of what is English in one template."""
    written, handed = _read(template)
    page = Page()
    page.feed(written)
    page.close()
    for where, text in page.texts:
        if words_of(text.replace(BLANK, " ")):
            yield where, text.replace(BLANK, "…")
    for text in handed:
        yield "argument", text


def _read(template: str) -> tuple[str, list[str]]:
    """What the template writes by itself, and the texts that it hands on."""
    written: list[str] = []
    handed: list[str] = []
    silent = ""
    for token in Lexer(template).tokenize():
        word = token.contents.split()[0] if token.contents.split() else ""
        if silent:
            silent = "" if word == silent else silent
        elif token.token_type == TokenType.TEXT:
            written.append(token.contents)
        elif re.match(r"block \w*class$", token.contents):  # what stands there is read by styles
            silent = "endblock"
        elif token.token_type == TokenType.BLOCK and word in ("blocktranslate", "comment"):
            silent = f"end{word}"
            written.append(BLANK)
        elif token.token_type in (TokenType.BLOCK, TokenType.VAR):
            handed += _handed(token, word)
            written.append(BLANK if token.token_type == TokenType.VAR or word in _WRITE else "")
    return "".join(written), handed


_WRITE = frozenset(("translate", "url", "static", "include", "field", "icon", "pill", "money"))


def _handed(token: Token, word: str) -> Iterator[str]:
    """Texts in quotes that a tag or filter gets and that a person would read."""
    is_tag = token.token_type == TokenType.BLOCK
    if is_tag and word in _NAMES:
        return
    parts = list(smart_split(token.contents))[1 if is_tag else 0 :]
    for place, part in enumerate(parts):
        if is_tag and (_OPTIONS.match(part) or (word == "include" and place == 0)):
            continue
        for marked, quoted in _QUOTED.findall(part):
            if not marked and _reads_as_words(quoted[1:-1], is_tag):
                yield quoted[1:-1]


def _reads_as_words(text: str, is_tag: bool) -> bool:
    """A capital or a blank in it: identifiers, icons and states have neither."""
    return bool(words_of(text)) and (" " in text.strip() or text[:1].isupper())
