"""The guides tell what is there: words on the screen, commands, and a program that orders once."""

import ast
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.core.management import get_commands, load_command_class

from orders.models import Customer, Order, Service
from tests.support import factories
from tests.support.guides import GUIDES, ROOT, block
from tests.support.programs import program_of
from tests.test_docs import PAGES, named

READERS = [GUIDES / f"{name}.md" for name in ("owners", "staff", "customers", "programs")]
TAG = re.compile(r"(?s){%.*?%}|{{.*?}}|{#.*?#}|<[^>]*>")
QUOTED = re.compile(r"\"([^\"]+)\"|'([^']+)'")


# ── Words on the screen ──────────────────────────────────────────────────────────────────────


def _pieces_of_a_template(text: str) -> Iterator[str]:
    """What stands between tags, and what is written within them."""
    yield from TAG.split(text)
    for tag in TAG.findall(text):
        for double, single in QUOTED.findall(tag):
            yield double or single


def _pieces_of_a_module(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@cache
def on_the_screen() -> frozenset[str]:
    """Every piece of text that a page may be made of, as it is written."""
    pieces: set[str] = set()
    for path in (ROOT / "templates").rglob("*.html"):
        pieces.update(_pieces_of_a_template(path.read_text()))
    for folder in ("panel", "orders/enums", "orders/gateways", "orders/statuses"):
        for path in (ROOT / folder).rglob("*.py"):
            pieces.update(_pieces_of_a_module(path.read_text()))
    return frozenset(" ".join(piece.split()) for piece in pieces)


def bold(guide: Path) -> list[str]:
    """What a guide says is on the screen."""
    prose = re.sub(r"(?ms)^ *```.*?^ *```", "", guide.read_text())
    return [" ".join(words.split()) for words in re.findall(r"\*\*([^*]+)\*\*", prose)]


def statuses_told(guide: Path) -> list[str]:
    """What a guide says can be read about an order: the first cells of its table of them."""
    text = guide.read_text()
    table = re.search(r"(?ms)^\| (?:you read|it says) \|.*?\n\n", text)
    assert table
    cells = re.findall(r"(?m)^\| ([A-Z][^|]*) \|", table[0])
    return [word for cell in cells for word in cell.split(", ")]


@pytest.mark.parametrize("guide", READERS, ids=lambda guide: guide.stem)
def test_what_a_guide_says_is_on_the_screen_is_there(guide: Path) -> None:
    said = bold(guide)
    assert len(said) > 5
    assert [words for words in said if words not in on_the_screen()] == []


@pytest.mark.parametrize(("name", "least"), [("staff", 9), ("customers", 9)])
def test_what_a_guide_says_of_an_order_can_be_read(name: str, least: int) -> None:
    told = statuses_told(GUIDES / f"{name}.md")
    assert len(told) >= least
    assert [word for word in told if word not in on_the_screen()] == []


def test_a_word_that_is_nowhere_would_be_noticed() -> None:
    assert {"Top up", "Make a key", "Count the till"} <= on_the_screen()
    assert not {"Top up now", "Make", "the till"} & on_the_screen()


# ── Commands ─────────────────────────────────────────────────────────────────────────────────


def commands_shown() -> list[tuple[str, str]]:
    """Each page's calls of `manage.py`, and the examples of operations, as one would type them."""
    found = []
    for page in PAGES:
        text = page.read_text()
        calls = re.findall(r"manage\.py (?!…)([^`\n#|]+)", text)
        if page.name == "operations.md":
            calls += re.findall(r"(?m)^\| `\w+` \|.*\| `([^`]+)` \|$", text)
        found += [(page.name, call.strip()) for call in calls]
    return found


@pytest.mark.parametrize(("where", "call"), sorted(set(commands_shown())))
def test_every_command_that_is_shown_would_be_taken(where: str, call: str) -> None:
    name, *words = shlex.split(call.split("   ")[0].rstrip(".,;:)"))
    home = get_commands()[name]
    command = load_command_class(home, name) if isinstance(home, str) else home
    parser = command.create_parser("manage.py", name)
    try:
        parser.parse_args(words)
    except (SystemExit, Exception) as error:
        if "--help" not in words:
            pytest.fail(f"{where}: manage.py {call}: {error}")


def test_a_command_with_a_flag_that_is_not_there_would_be_noticed() -> None:
    assert len(commands_shown()) > 30
    with pytest.raises(pytest.fail.Exception):
        test_every_command_that_is_shown_would_be_taken("x", "show_order 17 --loud")
    with pytest.raises(KeyError):
        test_every_command_that_is_shown_would_be_taken("x", "show_ordr 17")


def test_every_target_of_make_that_is_shown_is_there() -> None:
    there = set(re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text()))
    shown = {
        (page.name, target)
        for page in PAGES
        for target in named(r"(?m)(?:`|^)make ([a-z][a-z-]*)(?![\w=])", page)
    }
    assert len(shown) > 10
    assert {(page, target) for page, target in shown if target not in there} == set()


# ── A program ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def buyer(db: None) -> Customer:
    return factories.customer(balance="100", signs_in=True)


@pytest.fixture
def service(db: None) -> Service:
    return factories.service(factories.offer(least=50, most=1000))


@pytest.fixture
def program(live_server: Any, buyer: Customer, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The guide's own program, with a key of the buyer's."""
    monkeypatch.setenv("PANEL", f"{live_server.url}/api/v2")
    monkeypatch.setenv("PANEL_KEY", program_of(buyer).key)
    told: dict[str, Any] = {}
    exec(block("programs", "python", "def order("), told)
    monkeypatch.setattr(told["time"], "sleep", lambda seconds: None)
    return told


def test_the_program_orders_and_follows(
    program: dict[str, Any], service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    use = block("programs", "python", "shop-order-4711").replace(
        "service=1", f"service={service.pk}"
    )
    exec(use, program)
    exec(use, program)
    order = Order.objects.get()
    assert capsys.readouterr().out == f"{order.pk} Pending\n" * 2
    with pytest.raises(RuntimeError, match="Incorrect service ID"):
        program["order"]("another", service=0, link="https://example.com/a", quantity=50)


def test_an_answer_that_is_lost_orders_nothing_twice(
    program: dict[str, Any], service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    really, lost = program["urlopen"], []

    def losing(*args: Any, **options: Any) -> Any:
        answer = really(*args, **options)
        if len(lost) < 2:
            lost.append(answer)
            raise TimeoutError
        return answer

    program["urlopen"] = losing
    number = program["order"]("once", service=service.pk, link="https://example.com/a", quantity=50)
    assert (Order.objects.get().pk, len(lost)) == (number, 2)


def test_the_first_call_by_hand_is_taken(
    program: dict[str, Any], buyer: Customer, service: Service
) -> None:
    words = shlex.split(block("programs", "sh", "curl").replace("\\\n", " "))
    assert words[0] == "curl" and words[2::2] == ["--data-urlencode"] * (len(words) // 2 - 1)
    form = dict(word.split("=", 1) for word in words[3::2])
    assert form.pop("key") == "YOUR_KEY"
    form["service"] = str(service.pk)
    assert program["call"](form.pop("action"), **form) == {"order": Order.objects.get().pk}
