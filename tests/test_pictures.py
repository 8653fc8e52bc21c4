"""Pictures of the documentation: there, described, small, readable in light and dark, and true."""

import configparser
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.support.guides import ROOT

PICTURES = ROOT / "docs" / "pictures"
DRAWINGS = sorted(PICTURES.glob("*.svg"))
MOST_BYTES, MOST_TOGETHER = 200_000, 1_000_000
SVG = "{http://www.w3.org/2000/svg}"


def test_the_readme_shows_pictures_that_are_there_in_light_and_dark_with_words() -> None:
    text = (ROOT / "README.md").read_text()
    shown = re.findall(
        r'srcset="([^"]+)-dark[.]png">\s*<img src="([^"]+)-light[.]png" alt="([^"]+)">', text
    )
    assert len(shown) == text.count("<img") >= 3
    for dark, light, words in shown:
        assert dark == light and len(words) > 40
        assert all((ROOT / f"{light}-{scheme}.png").exists() for scheme in ("light", "dark"))
    there = {path.name for path in PICTURES.glob("*.png")}
    assert there == {
        f"{Path(light).name}-{scheme}.png" for _, light, _ in shown for scheme in ("light", "dark")
    }


def test_pictures_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in PICTURES.iterdir()}
    assert {name for name, size in sizes.items() if size > MOST_BYTES} == set()
    assert sum(sizes.values()) < MOST_TOGETHER


# ── Drawings ─────────────────────────────────────────────────────────────────────────────────


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda path: path.stem)
def test_a_drawing_says_what_it_shows_and_is_readable_in_light_and_dark(drawing: Path) -> None:
    text = drawing.read_text()
    root = ElementTree.fromstring(text)
    for name, least in (("title", 10), ("desc", 60)):
        found = root.find(SVG + name)
        assert found is not None and len(found.text or "") > least
    schemes = [dict(re.findall(r"--(\w+): (#\w{6});", part)) for part in text.split("@media")]
    assert len(schemes) == 2 and "(prefers-color-scheme: dark)" in text
    for colours in schemes:
        for ground in ("bg", "card"):
            assert _contrast(colours["ink"], colours[ground]) > 7
            assert _contrast(colours["soft"], colours[ground]) > 4.5
    assert min(map(int, re.findall(r"font-size: (\d+)px", text))) >= 13
    assert not re.search(r"https?://(?!www[.]w3[.]org)|<script|<image", text)


def _layers_of_the_engine() -> list[set[str]]:
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter")
    lines = contracts["importlinter:contract:engine"]["layers"].split("\n")
    return [set(re.findall(r"\w+", line)) for line in lines if line.strip()]


def test_the_drawing_of_the_layers_shows_them_as_they_are_held() -> None:
    root = ElementTree.parse(PICTURES / "layers.svg").getroot()
    rows: dict[int, str] = {}
    for text in root.iter(f"{SVG}text"):
        rows[int(text.attrib["y"])] = rows.get(int(text.attrib["y"]), "") + f" {text.text}"
    layers = _layers_of_the_engine()
    known = set().union(*layers)
    found = []
    for _, words in sorted(rows.items()):
        names = set(re.findall(r"\w+", words.replace("commands", "management"))) & known
        homes = {place for place, layer in enumerate(layers) if layer & names}
        if words.startswith((" config", " panel")) or not names:
            continue
        assert len(homes) == 1, words
        found += homes
    assert found == list(range(len(layers)))


def test_the_drawing_of_the_processes_names_those_of_the_compose_file() -> None:
    compose = (ROOT / "docker-compose.yml").read_text().split("services:")[1]
    services = set(re.findall(r"(?m)^  (\w+):$", compose))
    shown = set(re.findall(r'class="t"[^>]*>([^<]+)<', (PICTURES / "architecture.svg").read_text()))
    assert {"web", "worker", "beat", "postgres", "redis"} <= services
    assert {"web", "worker", "beat", "PostgreSQL", "Redis"} <= shown
