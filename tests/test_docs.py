"""The documentation says what is there: links lead somewhere, and nothing of ours is left out."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from config import celery

ROOT = Path(settings.BASE_DIR)
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
FOLDERS = "config|docs|orders|panel|static|templates|tests|[.]ci"


def named(pattern: str, page: Path) -> Iterator[str]:
    yield from re.findall(pattern, page.read_text())


def anchors(page: Path) -> set[str]:
    """The names under which a page's headings can be linked."""
    headings = named(r"(?m)^#+ (.+)$", page)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_the_documentation_leads_somewhere(page: Path) -> None:
    for link in named(r"\]\(([^)\s]+)\)", page):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_the_documentation_names_is_there(page: Path) -> None:
    paths = set(named(rf"`((?:{FOLDERS})/[\w./-]*)`", page))
    assert {path for path in paths if not (ROOT / path).exists()} == set()


def test_the_readme_leads_to_every_page_of_the_documentation() -> None:
    linked = set(named(r"\]\(docs/([\w-]+[.]md)[)#]", ROOT / "README.md"))
    assert linked == {page.name for page in (ROOT / "docs").glob("*.md")}


def test_operating_names_every_command_of_ours() -> None:
    files = ROOT.glob("*/management/commands/[!_]*.py")
    rows = set(named(r"(?m)^\| `(\w+)` \|", ROOT / "docs" / "operating.md"))
    assert {path.stem for path in files} <= rows


def test_operating_names_every_periodic_job_with_its_queue() -> None:
    text = (ROOT / "docs" / "operating.md").read_text()
    table = re.findall(r"(?m)^\| `([a-z_]+)` \|[^|]+\| (\w+) \|", text)
    jobs = {f"orders.{name}": queue for name, queue in table}
    assert jobs == {name: queue for name, (_, queue) in celery.TIMETABLE.items()}


def test_every_setting_of_the_environment_is_in_the_example() -> None:
    source = "".join(
        (ROOT / "config" / name).read_text() for name in ("settings.py", "gunicorn.py")
    )
    read = set(re.findall(r"""\benv(?:iron)?(?:\.\w+)?\(\s*["']([A-Z_]+)["']""", source))
    example = set(named(r"(?m)^#?([A-Z_]+)=", ROOT / ".env.example"))
    assert {"SECRET_KEY", "DATABASE_URL", "WEB_BIND"} <= read
    assert read <= example
