"""The documentation says what is there: links lead somewhere, and nothing of ours is left out."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from config import celery
from orders import service_types
from orders.alerts.alarms import ALARMS
from orders.enums import AlarmKind
from orders.service_types import reference

ROOT = Path(settings.BASE_DIR)
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
every_page = pytest.mark.parametrize(
    "page", PAGES, ids=lambda page: str(page.relative_to(ROOT)).removeprefix("docs/")
)
FOLDERS = "config|docs|orders|panel|static|templates|tests|[.]ci"


def named(pattern: str, page: Path) -> Iterator[str]:
    yield from re.findall(pattern, page.read_text())


def anchors(page: Path) -> set[str]:
    """The names under which a page's headings can be linked."""
    headings = named(r"(?m)^#+ (.+)$", page)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


@every_page
def test_every_link_of_the_documentation_leads_somewhere(page: Path) -> None:
    for link in named(r"\]\(([^)\s]+)\)", page):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@every_page
def test_every_file_that_the_documentation_names_is_there(page: Path) -> None:
    paths = set(named(rf"`((?:{FOLDERS})/[\w./-]*)`", page))
    assert {path for path in paths if not (ROOT / path).exists()} == set()


def leads_to(page: Path) -> set[Path]:
    """The pages of the documentation that a page links to."""
    links = named(r"\]\(([^)\s#:]+[.]md)[)#]", page)
    return {(page.parent / link).resolve() for link in links}


def test_the_index_leads_to_every_page_and_the_readme_to_the_index_and_each_guide() -> None:
    index, guides = DOCS / "README.md", DOCS / "guides"
    assert leads_to(index) >= set(DOCS.rglob("*.md")) - {index}
    assert leads_to(guides / "README.md") >= set(guides.glob("*.md")) - {guides / "README.md"}
    readers = {guides / f"{name}.md" for name in ("owners", "staff", "customers", "programs")}
    assert leads_to(ROOT / "README.md") >= {index, DOCS / "architecture.md", *readers}


def test_the_api_is_told_as_the_types_are_declared() -> None:
    page = (ROOT / "docs" / "api.md").read_text()
    assert reference.written_into(page) == page, "run `make api-types`"
    for kind in service_types.ALL:
        assert (f"\n### {kind.name}\n" in page) == kind.orderable


def test_operations_names_every_command_of_ours() -> None:
    files = ROOT.glob("*/management/commands/[!_]*.py")
    rows = set(named(r"(?m)^\| `(\w+)` \|", ROOT / "docs" / "operations.md"))
    assert {path.stem for path in files} <= rows


def test_operations_names_every_periodic_job_with_its_queue() -> None:
    text = (ROOT / "docs" / "operations.md").read_text()
    table = re.findall(r"(?m)^\| `([a-z_]+)` \|[^|]+\| (\w+) \|", text)
    jobs = {f"orders.{name}": queue for name, queue in table}
    assert jobs == {name: queue for name, (_, queue) in celery.TIMETABLE.items()}


def test_operations_says_what_to_do_at_each_alarm() -> None:
    text = (ROOT / "docs" / "operations.md").read_text()
    table = text[text.index("| alarm | do |") :].split("\n\n")[0]
    alarms = re.findall(r"(?m)^\| ([A-Z][^|]+) \| \S", table)
    assert alarms == [kind.label for kind in AlarmKind]
    assert set(AlarmKind) == set(ALARMS)


def test_operations_names_every_figure_of_the_metrics() -> None:
    text = (ROOT / "docs" / "operations.md").read_text()
    source = (ROOT / "config" / "metrics.py").read_text()
    given = r'(?:_gauge|_labelled)\(\s*"(\w+)"|"halfpenny_(\w+)"|"((?:ledger|report)_\w+)": \('
    told = {"".join(names) for names in re.findall(given, source)}
    assert len(told) > 15
    assert [name for name in told if not re.search(rf"`{name}\b", text)] == []


def test_every_setting_of_the_environment_is_in_the_example() -> None:
    source = "".join(
        (ROOT / "config" / name).read_text()
        for name in ("settings.py", "databases.py", "gunicorn.py")
    )
    read = set(re.findall(r"""\benv(?:iron)?(?:\.\w+)?\(\s*["']([A-Z_]+)["']""", source))
    example = set(named(r"(?m)^#?([A-Z_]+)=", ROOT / ".env.example"))
    assert {"SECRET_KEY", "DATABASE_URL", "WEB_BIND"} <= read
    assert read <= example


def test_each_threat_has_a_test_that_is_there() -> None:
    files = (ROOT / "tests").rglob("test_*.py")
    there = {name for file in files for name in named(r"(?m)^ *def (test_\w+)", file)}
    page = DOCS / "security.md"
    assert set(named(r"`(test_\w+)`", page)) <= there
    rows = list(named(r"(?m)^\| (?!threat \||---)(.+) \|$", page))
    assert len(rows) > 25
    assert [row for row in rows if not re.search(r"\| [^|]*`test_\w+`[^|]*$", row)] == []


RACES = ROOT / "docs" / "races.md"


def test_the_page_of_races_names_tests_that_are_there_and_leaves_out_no_proof() -> None:
    files = (ROOT / "tests" / "races").glob("test_*.py")
    there = {name for file in files for name in named(r"(?m)^def (test_\w+)", file)}
    said = set(named(r"`(test_\w+)`", RACES))
    assert said <= there
    assert {name for name in there if name.startswith("test_without_")} <= said


def test_every_race_has_a_guard_a_test_with_it_and_one_without() -> None:
    rows = [
        [cell.strip() for cell in row.split("|")]
        for row in named(r"(?m)^\| (?!race \||---)(.+) \|$", RACES)
    ]
    assert len(rows) > 30
    for race, guard, *tests in rows:
        assert race and guard, race
        assert [bool(re.match(r"`test_", cell)) for cell in tests] == [True, True], race
