"""Sentences in Python code that nothing translates: an aid, not a proof.

A string counts as a sentence when it has a capital or a blank and words. Left out: what is handed
to a translating function, docstrings, logs, what only programmers read (`TypeError`, `assert`),
and modules that speak with programs.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from tests.support.english import words_of

ROOT = Path(settings.BASE_DIR)
FOLDERS = ("panel", "orders")
NOT_FOR_PEOPLE = re.compile(r"orders/(management|migrations|upstream|sql)/|panel/api/|/admin\.py")
TRANSLATING = frozenset(
    (
        *("_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext"),
        *("pgettext_lazy", "npgettext", "npgettext_lazy"),
    )
)
_SILENT = frozenset(
    (
        *("TypeError", "ValueError", "RuntimeError", "AssertionError", "LookupError", "KeyError"),
        *(
            "RunSQL",
            "compile",
            "getLogger",
            "get_logger",
            "execute",
            "TypeVar",
            "ParamSpec",
            "cast",
        ),
        *("import_string", "strftime"),
    )
)
_KEYWORDS = frozenset(("verbose_name", "verbose_name_plural", "name", "sql"))


def untranslated(only: str = "") -> list[tuple[str, str, str]]:
    """Path and line, "code", and text of the sentences in files whose path holds `only`."""
    found = []
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = str(path.relative_to(ROOT))
            if only in name and not NOT_FOR_PEOPLE.search(name):
                tree = ast.parse(path.read_text("utf-8"))
                found += [(f"{name}:{line}", "code", text) for line, text in _sentences(tree)]
    return found


def _sentences(node: ast.AST) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.Call) and _name_of(node.func) in TRANSLATING | _SILENT:
        return
    if isinstance(node, ast.Call) and _is_logging(node.func):
        return
    if isinstance(node, ast.Assert):
        return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str) and _is_sentence(node.value):
            yield node.lineno, node.value
        return
    if isinstance(node, ast.JoinedStr):
        text = "".join(
            part.value if isinstance(part, ast.Constant) else "…" for part in node.values
        )
        if _is_sentence(text) or re.search(r"[a-z]{3,} |… [a-z]{2,}", text):
            yield node.lineno, text
        return
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.keyword) and child.arg in _KEYWORDS:
            continue
        yield from _sentences(child)


def _is_sentence(text: str) -> bool:
    if not words_of(text) or re.search(r"[<>=]|\{%|^[a-z_]+:|^\s*SELECT|__|^[\w-]+/", text):
        return False
    is_code = re.fullmatch(r"[\w.:*-]*", text) and not text[:1].isupper()
    return not is_code and bool(re.search(r"[A-Za-z]{2,} [A-Za-z]|^[A-Z][a-z]+", text))


def _name_of(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _is_logging(function: ast.expr) -> bool:
    return (
        isinstance(function, ast.Attribute)
        and isinstance(function.value, ast.Name)
        and function.value.id in ("log", "logger")
    )
