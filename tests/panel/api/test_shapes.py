"""Every shape in which clients send a call; one answer to all of them."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError

from orders import panel_settings
from orders.models import Order, Service
from panel.api_errors import BROKEN
from tests.support import factories
from tests.support.programs import Program

pytestmark = pytest.mark.django_db

Send = Callable[[Program, dict[str, Any]], Any]
JSON = {"content_type": "application/json"}


def form(program: Program, said: dict[str, Any]) -> Any:
    return program.http.post("/api/v2", "&".join(f"{k}={v}" for k, v in said.items()), FORM)


FORM = "application/x-www-form-urlencoded"


def bearer(program: Program, said: dict[str, Any]) -> Any:
    body = {name: value for name, value in said.items() if name != "key"}
    token = {"HTTP_AUTHORIZATION": f"Bearer {said['key']}"}
    return program.http.post("/api/v2", json.dumps(body), **JSON, **token)


SHAPES: dict[str, Send] = {
    "form": form,
    "multipart": lambda program, said: program.http.post("/api/v2", said),
    "json": lambda program, said: program.http.post("/api/v2", json.dumps(said), **JSON),
    "json, bearer": bearer,
    "json as a form": lambda program, said: program.http.post(
        "/api/v2", json.dumps(said), content_type=FORM
    ),
    "json behind a mark": lambda program, said: program.http.post(
        "/api/v2", b"\xef\xbb\xbf" + json.dumps(said).encode(), **JSON
    ),
    "query": lambda program, said: program.http.get("/api/v2", said),
    "query of a post": lambda program, said: program.http.post("/api/v2", query_params=said),
    "slash": lambda program, said: program.http.post("/api/v2/", said),
    "query and slash": lambda program, said: program.http.get("/api/v2/", said),
}


@pytest.mark.parametrize("send", SHAPES.values(), ids=SHAPES)
def test_a_call_in_any_shape_is_answered(send: Send, program: Program) -> None:
    answer = program.read(send(program, {"key": program.key, "action": "balance"}))
    assert answer == {"balance": "50", "currency": "USD"}


@pytest.mark.parametrize("name", [name for name in SHAPES if not name.startswith("query")])
def test_an_order_in_any_shape_that_writes_is_placed(
    name: str, program: Program, followers: Service
) -> None:
    said = {
        "key": program.key,
        "action": "add",
        "service": followers.pk,
        "link": "https://instagram.com/casa",
        "quantity": 100,
    }
    answer = program.read(SHAPES[name](program, said))

    order = Order.objects.get()
    assert answer == {"order": order.pk}
    assert (order.quantity, order.link) == (100, "https://instagram.com/casa")
    assert (order.customer, order.api_key) == (program.customer, program.row)


@pytest.mark.parametrize("action", ["add", "refill", "cancel"])
def test_nothing_is_written_by_get(action: str, program: Program, followers: Service) -> None:
    order = factories.order(program.customer, followers, status="waiting")
    said = {
        "key": program.key,
        "action": action,
        "service": followers.pk,
        "orders": order.pk,
        "link": "https://instagram.com/casa",
        "quantity": 100,
    }
    assert program.read(program.http.get("/api/v2", said)) == {"error": "Incorrect request"}
    order.refresh_from_db()
    assert (order.status, Order.objects.count()) == ("waiting", 1)


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_other_methods_are_an_incorrect_request(method: str, program: Program) -> None:
    url = f"/api/v2?key={program.key}&action=balance"
    assert program.read(getattr(program.http, method)(url)) == {"error": "Incorrect request"}


@pytest.mark.parametrize("sent", ["order", "orders"])
@pytest.mark.parametrize("count", [1, 2])
def test_ids_in_the_singular_or_the_plural(
    sent: str, count: int, program: Program, followers: Service
) -> None:
    numbers = [factories.order(program.customer, followers).pk for _ in range(count)]
    answer = program.call("status", **{sent: ",".join(map(str, numbers))})

    if sent == "order" and count == 1:
        assert answer["status"] == "Pending"
    else:
        assert list(answer) == list(map(str, numbers))


def test_ids_as_lists(program: Program, followers: Service) -> None:
    one, two = (factories.order(program.customer, followers).pk for _ in range(2))
    wanted = program.call("status", orders=f"{one},{two}")
    said = {"key": program.key, "action": "status"}

    for body in ({"orders": [one, str(two)]}, {"orders": f"{one}, {two}"}):
        sent = program.http.post("/api/v2", json.dumps(said | body), **JSON)
        assert program.read(sent) == wanted
    for query in (f"orders[]={one}&orders[]={two}", f"orders%5B0%5D={one}&orders%5B1%5D={two}"):
        base = f"/api/v2?key={program.key}&action=status&"
        assert program.read(program.http.get(base + query)) == wanted


@pytest.mark.parametrize("absent", ["", " ", "undefined", "null", None])
def test_optional_parameters_that_say_nothing_are_absent(
    absent: str | None, program: Program, followers: Service
) -> None:
    said = {
        "key": program.key,
        "action": "add",
        "service": followers.pk,
        "quantity": 100,
        "link": "https://instagram.com/casa",
        "runs": absent,
        "interval": absent,
        "comments": absent,
        "request_id": absent,
    }
    answer = program.read(program.http.post("/api/v2", json.dumps(said), **JSON))

    order = Order.objects.get()
    assert answer == {"order": order.pk}
    assert order.client_key is None
    assert order.details == {"link": "https://instagram.com/casa", "quantity": 100}


def test_a_list_of_lines_in_a_form_and_in_json(program: Program) -> None:
    service = factories.service(
        factories.offer(type_name="Custom Comments", service_type="custom_comments", least=1)
    )
    said = {"key": program.key, "action": "add", "service": service.pk, "link": "x.com/a"}
    for comments in ("Great\nLove it", "Great\r\n\r\n Love it ", ["Great", "Love it"]):
        body = json.dumps(said | {"comments": comments, "request_id": str(comments)})
        program.read(program.http.post("/api/v2", body, **JSON))
    assert [order.details["comments"] for order in Order.objects.all()] == [
        ["Great", "Love it"]
    ] * 3


UNREADABLE: dict[str, tuple[str | bytes, str]] = {
    "cut short": ("{", "application/json"),
    "no object": ("[1]", "application/json"),
    "an object within": ('{"a": {"b": 1}}', "application/json"),
    "nested deeply": ("[" * 100_000, "application/json"),
    "nested deeply, a form": ('{"a": ' * 50_000, FORM),
    "half a character": ('{"key": "\\ud800"}', "application/json"),
    "no text": (b"\xff\xfe", "application/json"),
    "no text, a form": (b"\xff\xfe=1", FORM),
    "a NUL": ("key=a%00b", FORM),
    "no parts": ("nonsense", "multipart/form-data; boundary=x"),
    "no boundary": ("nonsense", "multipart/form-data"),
    "too many fields": ("&".join(f"a{n}=1" for n in range(3000)), FORM),
    "too large": ("a" * (3 * 1024 * 1024), FORM),
    "too large, in parts": (b"a" * (3 * 1024 * 1024), "multipart/form-data; boundary=x"),
}


@pytest.mark.parametrize(("body", "content"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_refused_in_json(
    body: str | bytes, content: str, program: Program
) -> None:
    answer = program.read(program.http.post("/api/v2", body, content_type=content))
    assert answer in ({"error": "Incorrect request"}, {"error": "Invalid API key"})


def test_it_sets_no_cookie_and_asks_for_no_token(program: Program) -> None:
    strict = type(program.http)(enforce_csrf_checks=True)
    response = strict.post("/api/v2", {"key": program.key, "action": "balance"})
    assert program.read(response)["balance"] == "50"
    assert not strict.cookies


def test_a_database_that_is_away_is_told_in_json(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(panel_settings, "current", away)
    assert program.call("balance") == {"error": BROKEN}
    with pytest.raises(OperationalError):  # a page shows nothing in a currency that it only guesses
        program.http.get("/my/orders/")
