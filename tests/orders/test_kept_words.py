"""Kept sentences: English in the row, the reader's language on the page."""

import importlib
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from django.utils.translation import gettext_noop, ngettext_lazy, override, trans_real

from orders import kept_words
from orders.enums import PauseReason
from orders.kept_words import Sentence, in_english, told

ROSE = Sentence(gettext_noop("Test: the cost rose from %(was)s to %(now)s, by %(percent)s %%."))
LEFT = Sentence(gettext_noop("Test: %(who)s left: %(why)s It goes to %(where)s."))
GONE = gettext_noop("Test: it is gone.")
COUNTED = Sentence(ngettext_lazy("%(count)s tested row", "%(count)s tested rows", "count"))

TURKISH: Mapping[str | tuple[str, int], str] = {
    "Test: the cost rose from %(was)s to %(now)s, by %(percent)s %%.": (
        "Deneme: maliyet %%%(percent)s artarak %(was)s yerine %(now)s oldu."
    ),
    "Test: %(who)s left: %(why)s It goes to %(where)s.": (
        "Deneme: %(who)s bırakıldı: %(why)s Yeni yer: %(where)s."
    ),
    GONE: "Deneme: artık yok.",
    ("%(count)s tested row", 0): "%(count)s denenen satır",
    ("%(count)s tested row", 1): "%(count)s denenen satırlar",
}


@pytest.fixture(autouse=True)
def translated(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    catalog = trans_real.translation("tr")._catalog  # type: ignore[attr-defined]
    catalog._catalogs.insert(0, dict(TURKISH))
    kept_words._told_in.cache_clear()
    yield
    catalog._catalogs.pop(0)
    kept_words._told_in.cache_clear()


def in_turkish(text: str) -> str:
    with override("tr"):
        return told(text)


def test_a_sentence_is_kept_in_english_whoever_causes_it() -> None:
    with override("tr"):
        assert ROSE.of(was="1", now="2", percent="100") == (
            "Test: the cost rose from 1 to 2, by 100 %."
        )
        assert COUNTED.of(count="1,200") == "1,200 tested rows"
        assert COUNTED.of(count=1) == "1 tested row"
        assert in_english(PauseReason.COST_ROSE.label) == "Cost rose"


def test_it_is_told_in_the_language_of_whoever_reads() -> None:
    kept = ROSE.of(was="1.20", now="2.40", percent="100")
    assert in_turkish(kept) == "Deneme: maliyet %100 artarak 1,20 yerine 2,40 oldu."
    with override("en"):
        assert told(kept) == kept


def test_it_can_be_said_at_once() -> None:
    with override("tr"):
        said = ROSE.said(was="1", now="2", percent="100")
    assert said == "Deneme: maliyet %100 artarak 1 yerine 2 oldu."


@pytest.mark.parametrize(
    ("kept", "read"),
    [
        (GONE, "Deneme: artık yok."),
        # One within another, where its first letter is small.
        (
            LEFT.of(who="A", why="test: it is gone.", where="B"),
            "Deneme: A bırakıldı: deneme: artık yok. Yeni yer: B.",
        ),
        # One after another, and between them what a person wrote.
        (f"{GONE} Ask Ann. {GONE}", "Deneme: artık yok. Ask Ann. Deneme: artık yok."),
        # A value that holds the end of a sentence.
        (
            f"{LEFT.of(who='“Nay. Never”', why='So.', where='B')} {GONE}",
            "Deneme: “Nay. Never” bırakıldı: So. Yeni yer: B. Deneme: artık yok.",
        ),
        # A value that is a sentence, in the middle of one.
        (
            LEFT.of(who="Ann", why=GONE, where="B"),
            "Deneme: Ann bırakıldı: Deneme: artık yok. Yeni yer: B.",
        ),
        ("1,200 tested rows, 1 tested row.", "1.200 denenen satırlar, 1 denenen satır."),
    ],
)
def test_sentences_are_found_in_each_other(kept: str, read: str) -> None:
    assert in_turkish(kept) == read


@pytest.mark.parametrize(
    ("kept", "read"),
    [
        ("1,234.5000", "1.234,5000"),
        ("-$1,284.09", "-$1.284,09"),
        ("4.20 USD", "4,20 USD"),
        ("12500", "12500"),
        # Names and addresses, which only look like numbers.
        ("Ann 1.5", "Ann 1.5"),
        ("10.0.0.1", "10.0.0.1"),
        ("26.11.2026", "26.11.2026"),
    ],
)
def test_figures_within_a_sentence_have_the_readers_marks(kept: str, read: str) -> None:
    sentence = ROSE.of(was=kept, now="2", percent="100")
    assert in_turkish(sentence) == f"Deneme: maliyet %100 artarak {read} yerine 2 oldu."


@pytest.mark.parametrize(
    "words", ["", ".", "  ", "Not ours.", "It rose. Or not.", "%(who)s", "a, b.", "x. " * 2000]
)
def test_what_is_none_of_ours_stays_as_it_is(words: str) -> None:
    assert in_turkish(words) == words


def test_the_web_knows_every_sentence_that_a_worker_may_have_kept() -> None:
    """A module that nobody has imported has declared nothing."""
    root = Path(__file__).parents[2]
    holders = [
        ".".join(path.relative_to(root).with_suffix("").parts)
        for path in sorted((root / "orders").rglob("*.py"))
        if "Sentence(gettext_noop" in path.read_text() or "Sentence(\n" in path.read_text()
    ]
    assert len(holders) > 20
    script = (
        "import sys, django; django.setup(); import config.urls, panel.urls; "
        f"print(sorted(set({holders!r}) - set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=root, check=True
    )
    assert done.stdout.strip() == "[]", done.stdout


def test_no_two_sentences_are_told_apart_by_their_values_alone() -> None:
    """The first that fits is taken: none is made of values and marks only."""
    importlib.import_module("panel.urls")
    for sentence in kept_words._by_weight():
        own = kept_words._HOLES.sub("", sentence.forms[0])
        assert sum(sign.isalpha() for sign in own) > 0 or own in ("“”", " %%, "), sentence.forms
