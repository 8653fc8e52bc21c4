"""Every page in every language: nothing is left in English, nothing breaks, nothing costs more."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from config import catalogs as compiled
from orders.models import ApiKey
from tests.support import catalogs, code_words, template_words, untranslated
from tests.support.collecting import a_few_on_sqlite
from tests.support.everything import House, plant

ROOT = Path(settings.BASE_DIR)
TRANSLATED = pytest.mark.skipif(
    not any(catalogs.is_begun(path) for path in catalogs.catalogs()),
    reason="nothing is translated yet",
)
FACES = a_few_on_sqlite(("/staff/", "/my/", "/account/", "/t/"), ("/my/", "/account/", "/t/"))

ENGLISH_ON_PURPOSE = (
    ("/staff/components/", "", "samples, for whoever makes pages"),
    ("/my/api/", "⟧interval⟦", "the name of a parameter"),
    ("/my/api/", "⟧runs⟦", "the name of a parameter"),
)


def is_on_purpose(url: str, text: str) -> bool:
    return any(url.startswith(page) and words in text for page, words, _ in ENGLISH_ON_PURPOSE)


def names_a_key(text: str) -> bool:
    """By its beginning, which may be letters alone and then looks like a word."""
    return any(prefix in text for prefix in ApiKey.objects.values_list("prefix", flat=True))


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("face", FACES)
def test_no_page_has_a_text_that_is_not_translated(face: str) -> None:
    found = {
        f"{url} {where}: {text}"
        for url, where, text in untranslated.crawl(plant(), face)
        if not is_on_purpose(url, text) and not names_a_key(text)
    }
    assert not found, "\n".join(sorted(found))


def test_no_template_writes_english_by_itself() -> None:
    parts = ("templates/staff/components.html", "templates/staff/parts/component_parts.html")
    found = template_words.untranslated()
    assert [one for one in found if one[0] not in parts] == []


# ── In another language ──────────────────────────────────────────────────────────────────────


def look(client: Client, url: str, language: str) -> tuple[int, int, str]:
    """Status, queries and page, as somebody who chose this language; nothing is kept."""
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    client.cookies.pop("messages", None)  # of an address that only leads on
    connection.queries_log.clear()
    with (
        transaction.atomic(),
        CaptureQueriesContext(
            connection,
        ) as asked,
    ):
        answer = client.get(url)
        transaction.set_rollback(True)
    is_page = answer.get("Content-Type", "").startswith("text/html") and not answer.streaming
    return answer.status_code, len(asked), answer.content.decode() if is_page else ""


def pages(house: House, face: str) -> Iterator[tuple[str, str, str]]:
    """Address, English and Turkish of each page of a face."""
    for client, url in untranslated.visits(house, face):
        status, queries, english = look(client, url, "en")
        found = look(client, url, "tr")
        assert found[:2] == (status, queries), f"{url}: {found[:2]}, {(status, queries)}"
        if english:
            yield url, english, found[2]


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("face", FACES)
def test_every_page_is_there_in_turkish_and_asks_the_database_no_more(face: str) -> None:
    seen = 0
    for url, english, turkish in pages(plant(), face):
        seen += 1
        assert '<html lang="tr"' in turkish or "<html" not in turkish, url
        assert drawn(turkish) == drawn(english), url
        assert handed_on(turkish) == handed_on(english), url
    assert seen > 3


def drawn(html: str) -> list[str]:
    """What pictures and bars are drawn with: programs read it, so it has dots in every language."""
    shapes = re.findall(r"<(?:svg|path|rect|circle|polyline|progress|meter|tr)\b[^>]*>", html)
    return [re.sub(r' (aria-label|title)="[^"]*"', "", shape) for shape in shapes]


def handed_on(html: str) -> list[str]:
    """The amounts in hidden fields, which come back to us as they were written."""
    fields = re.findall(r'<input type="hidden"[^>]*>', html)
    values = [value for one in fields for value in re.findall(r'value="([\d.,]+)"', one)]
    return [value for value in values if "." in value or "," in value]


# ── The translations themselves ──────────────────────────────────────────────────────────────


@TRANSLATED
@pytest.mark.parametrize("path", catalogs.catalogs(), ids=lambda path: path.stem)
def test_a_translation_is_complete_and_keeps_what_it_holds_places_for(path: Path) -> None:
    found = [fault for message in catalogs.messages(path) for fault in catalogs.faults(message)]
    assert found == []


@TRANSLATED
def test_what_is_to_be_translated_is_what_the_code_says_today() -> None:
    """`make messages` would change nothing."""
    command = [sys.executable, str(ROOT / ".ci" / "messages.py"), "--check"]
    told = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert (told.returncode, told.stdout) == (0, "")


def test_a_catalog_is_compiled_when_it_is_missing_or_older(tmp_path: Path) -> None:
    source = tmp_path / "tr" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    source.write_text(
        head
        + 'msgid "Save"\nmsgstr "Kaydet"\n\n#, fuzzy\nmsgid "Odd"\nmsgstr "Tek"\n\n'
        + 'msgid "Empty"\nmsgstr ""\n'
    )
    assert compiled.compile_stale(tmp_path) == [source]
    assert compiled.compile_stale(tmp_path) == []
    made = source.with_suffix(".mo").read_bytes()
    assert b"Kaydet" in made and b"Tek" not in made and b"Empty" not in made


def test_code_words_find_a_sentence_that_nothing_translates() -> None:
    assert code_words.untranslated("panel/staff/components.py")
