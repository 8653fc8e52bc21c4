"""Nothing inline anywhere: the pages run under a policy that forbids it."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from tests.support import factories

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
STYLES = sorted((ROOT / "static" / "css").glob("*.css"))

FORBIDDEN = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.I),
    "an inline handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.I),
    "hx-on": re.compile(r"\bhx-on\b|data-hx-on", re.I),
    "a style element": re.compile(r"<style\b", re.I),
    "a script without src": re.compile(
        r"<script\b(?![^>]*(\ssrc=|type=\"application/json\"))", re.I
    ),
    "a javascript address": re.compile(r"javascript:|hx-vals=['\"]js:", re.I),
    "another host": re.compile(r"(src|href)=[\"']https?://", re.I),
}


def names(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", TEMPLATES, ids=names)
def test_a_template_holds_nothing_inline(path: Path):
    text = path.read_text()
    found = [what for what, pattern in FORBIDDEN.items() if pattern.search(text)]
    assert not found


@pytest.mark.parametrize("path", SCRIPTS, ids=names)
def test_a_script_writes_no_inline_styles_and_evaluates_nothing(path: Path):
    text = path.read_text()
    assert not re.search(r"setAttribute\(\s*['\"](style|on[a-z]+)", text)
    assert not re.search(r"\beval\(|new Function\(|cssText", text)
    assert "https://" not in text


@pytest.mark.parametrize("path", STYLES, ids=names)
def test_a_stylesheet_imports_nothing_and_declares_no_colour_twice(path: Path):
    text = path.read_text()
    assert "@import" not in text
    assert "http" not in text
    tokens = re.findall(r"^    (--[\w-]+):", text, re.M) if path.name == "tokens.css" else []
    own = [name for name in tokens if name not in ("--tint", "--c", "--ci")]
    friendly = {"--fs-s", "--fs-m", "--ctl", "--row", "--pad"}
    assert len([n for n in own if n not in friendly]) == len(set(own) - friendly)


@pytest.mark.parametrize("path", [*TEMPLATES], ids=names)
def test_every_static_file_that_a_template_names_exists(path: Path):
    for name in re.findall(r"\{% static [\"']([^\"']+)[\"'] %\}", path.read_text()):
        assert finders.find(name), name


@pytest.mark.django_db
def test_the_sign_in_page_renders_under_the_policy():
    factories.staff()  # an empty panel leads to its set-up instead
    response = Client().get("/account/login/")
    assert response.status_code == 200
    html = response.content.decode()
    assert not [what for what, pattern in FORBIDDEN.items() if pattern.search(html)]
    assert 'autocomplete="current-password"' in html


def test_the_broken_page_needs_no_context():
    from django.template.loader import render_to_string

    html = render_to_string("500.html")
    assert "Something broke" in html
    for name in re.findall(r'href="/static/([^"]+)"', html):
        assert finders.find(name), name
