"""The page without a connection, and the worker that keeps it and nothing else."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from panel import offline
from tests.support import factories

pytestmark = pytest.mark.django_db
STATIC = "/static/"


@pytest.fixture
def script(client: Client) -> str:
    return client.get("/worker.js").content.decode()


def kept_by(script: str) -> list[str]:
    listed = re.search(r"const KEPT = \[(.*?)\];", script, re.S)
    assert listed
    return re.findall(r'"([^"]+)"', listed[1])


def test_the_worker_is_a_script_at_the_root_that_is_asked_for_anew(client: Client) -> None:
    answer = client.get("/worker.js")
    assert answer["Content-Type"] == "text/javascript"
    assert answer["Cache-Control"] == "no-cache"
    assert "worker-src 'self'" in answer["Content-Security-Policy"]


def test_pages_ask_for_it_by_its_address(client: Client) -> None:
    told = Path(str(finders.find("js/connection.js"))).read_text()
    assert client.get(re.findall(r'register\("([^"]+)"', told)[0]).status_code == 200


def test_it_keeps_two_pages_and_static_files_and_nothing_else(client: Client, script: str) -> None:
    pages = [path for path in kept_by(script) if not path.startswith(STATIC)]
    assert pages == [f"{path}?language=en" for path in (offline.AWAY, offline.SENT)]
    for path in kept_by(script):
        if path.startswith(STATIC):
            assert finders.find(path.removeprefix(STATIC)), path
        else:
            assert client.get(path).status_code == 200


def test_it_keeps_all_that_its_pages_are_made_of(client: Client, script: str) -> None:
    kept = kept_by(script)
    for page in (offline.AWAY, offline.SENT):
        html = client.get(page).content.decode()
        named = re.findall(r'(?:href|src)="(/static/[^"]+)"', html)
        assert len(named) > 5
        assert not [name for name in named if name not in kept]
    styles = [path for path in kept if path.endswith(".css")]
    for path in styles:
        text = Path(str(finders.find(path.removeprefix(STATIC)))).read_text()
        for url in re.findall(r'url\("\.\./([^"#]+)"', text):
            assert f"{STATIC}{url}" in kept or url.startswith("fonts/"), path


def test_what_it_keeps_is_small(client: Client, script: str) -> None:
    names = [path.removeprefix(STATIC) for path in kept_by(script) if path.startswith(STATIC)]
    assert sum(Path(str(finders.find(name))).stat().st_size for name in names) < 100_000


@pytest.mark.parametrize("path", [offline.AWAY, offline.SENT])
def test_its_pages_are_the_same_for_everybody_and_touch_no_session(path: str) -> None:
    nobody, mira = Client(), Client()
    mira.force_login(factories.staff("Mira").user)
    theirs = mira.get(path)
    assert theirs.content == nobody.get(path).content
    assert "Cookie" not in theirs.get("Vary", "") and not theirs.cookies


def test_a_release_that_changes_one_of_its_files_is_another_version(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = offline.version()
    changed = tmp_path / "tokens.css"
    changed.write_text("/* another release */")
    find = finders.find
    monkeypatch.setattr(
        finders, "find", lambda name: changed if name.endswith("tokens.css") else find(name)
    )
    offline._fingerprints_once.cache_clear()
    assert offline.version() != before
    monkeypatch.undo()
    offline._fingerprints_once.cache_clear()
    assert offline.version() == before


def test_its_pages_are_kept_in_the_language_of_whoever_asks_for_the_script(
    client: Client, script: str
) -> None:
    theirs = client.get("/worker.js", headers={"Accept-Language": "tr"}).content.decode()
    assert f"{offline.AWAY}?language=tr" in kept_by(theirs)
    assert re.findall("CACHE = .*", theirs) != re.findall("CACHE = .*", script)
    asked = client.get(f"{offline.AWAY}?language=tr", headers={"Accept-Language": "en"})
    assert '<html lang="tr" dir="ltr"' in asked.content.decode()
