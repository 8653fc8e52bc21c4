"""The OpenAPI description holds: what it allows and what it forbids is answered as it says.

Schemathesis makes the calls, from the description alone. `CALLS=20000` makes more and other ones.
"""

import copy
import os
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import requests
import schemathesis
from django.conf import settings as django_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from orders import ledger_check, service_types
from orders.models import Order, Service, Transfer
from panel.api import description
from panel.api.actions import ACTIONS
from panel.api_errors import BROKEN
from tests.support import factories
from tests.support.programs import Program

CALLS = int(os.environ.get("CALLS", "0"))
KEPT = Path(django_settings.BASE_DIR) / "docs" / "openapi.json"
SITE = "http://testserver"
DOCUMENT = description.document()
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
FORMS = {name: form for name, form in SCHEMAS.items() if "x-answer" in form}
ORDERABLE = [kind for kind in service_types.ALL if kind.orderable]
CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]


def test_the_kept_description_is_that_of_the_declarations() -> None:
    assert KEPT.read_text() == description.written(), "run `make api-types`"


def test_every_type_and_every_action_is_described() -> None:
    kinds = {f"Add-{kind.slug}" for kind in ORDERABLE}
    assert kinds == {name for name in FORMS if name.startswith("Add-")}
    actions = {form["properties"]["action"]["const"]: form["x-reads"] for form in FORMS.values()}
    assert actions == {name: action.reads for name, action in ACTIONS.items()}


def validator(name: str) -> jsonschema_rs.Draft202012Validator:
    """Of one schema of the document, with the others beside it."""
    whole = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
    return jsonschema_rs.Draft202012Validator(whole)


@pytest.mark.parametrize("kind", ORDERABLE, ids=lambda kind: kind.slug)
def test_what_an_order_needs_is_what_the_form_demands(kind: service_types.ServiceType) -> None:
    form = validator(f"Add-{kind.slug}")
    said: dict[str, Any] = {"key": "k", "action": "add", "service": 1}
    said |= service_types.example(kind, 2)
    for field in kind.fields:
        if field.kind in ("quantity", "number") and field.name in said:
            said[field.name] = int(said[field.name])
    assert form.is_valid(said), [error.message for error in form.iter_errors(said)]
    for field in kind.asked(said):
        if field.name in said:
            assert not form.is_valid({k: v for k, v in said.items() if k != field.name}), field.name


@pytest.fixture
def services(db: None) -> list[Service]:
    provider = factories.provider()
    return [
        factories.service(
            factories.offer(provider, type_name=kind.name, service_type=kind.slug, least=1)
        )
        for kind in ORDERABLE
    ]


@pytest.mark.django_db
@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
@pytest.mark.parametrize("asked", ["a query", *ACTIONS])
def test_every_call_is_answered_as_described(
    asked: str, mode: GenerationMode, program: Program, services: list[Service]
) -> None:
    answered: Counter[str] = Counter()
    is_query = asked == "a query"
    described = schemathesis.openapi.from_dict(DOCUMENT if is_query else _only(asked))
    calls = described["/api/v2"]["GET" if is_query else "POST"]
    order = program.add(services[0], quantity="10")["order"]
    known = {"order": str(order), "orders": f"{order},{order + 10**6}"}
    of_kind = dict(zip((kind.slug for kind in ORDERABLE), services, strict=True))

    @settings(
        max_examples=CALLS // (2 * len(ACTIONS) + 2) or 15,
        deadline=None,
        derandomize=not CALLS,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(calls.as_strategy(generation_mode=mode), st.integers(0, 7))
    def called(case: Any, chance: int) -> None:
        said = case.query if is_query else case.body
        if isinstance(said, dict) and chance:
            said["key"] = program.key
            _make_sensible(said, of_kind, chance)
            if chance > 2:
                said |= {name: text for name, text in known.items() if name in said}
        answer = _send(program, case)
        case.validate_response(answer, checks=CHECKS)
        document = answer.json()
        assert document != {"error": BROKEN}
        answered[_told(said, document, mode)] += 1

    called()
    _books_are_right()
    if CALLS:
        print(f"{asked} {mode.value}: {answered.total()} calls, {dict(answered.most_common(4))}")
    if mode is GenerationMode.POSITIVE:
        assert answered.keys() - {"Error"}, answered


def _only(action: str) -> dict[str, Any]:
    """The description with one action, so that each is called as often as any other."""
    found = copy.deepcopy(DOCUMENT)
    (content,) = found["paths"]["/api/v2"]["post"]["requestBody"]["content"].values()
    content["schema"] = {"$ref": f"#/components/schemas/{action}"}
    return found


def _make_sensible(said: dict[str, Any], of_kind: dict[str, Service], chance: int) -> None:
    """What no description tells: which services there are, and what a link is."""
    kinds = [slug for slug in of_kind if validator(f"Add-{slug}").is_valid(said)]
    if not kinds or chance < 2:
        return
    said["service"] = of_kind[kinds[0]].pk
    if chance > 2:
        said |= {"link": "https://example.com/a"} if "link" in said else {}
        said |= {"quantity": 10} if "quantity" in said else {}
        said.pop("runs", None)
        said.pop("interval", None)


def _told(said: Any, document: Any, mode: GenerationMode) -> str:
    """Which schema the answer has; of a call as described, its form's own or an error."""
    if validator("Error").is_valid(document):
        return "Error"
    wanted = {
        form["x-answer"]
        for form in FORMS.values()
        if mode is GenerationMode.NEGATIVE
        or form["properties"]["action"]["const"] == said["action"]
    }
    fits = [name for name in wanted if validator(name).is_valid(document)]
    assert fits, (said, document)
    return fits[0]


def _send(program: Program, case: Any) -> schemathesis.Response:
    """The very request that schemathesis would send, answered in this process."""
    sent = requests.Request(**case.as_transport_kwargs(base_url=SITE)).prepare()
    body = sent.body or b""
    raw = body if isinstance(body, bytes) else body.encode()
    path = (sent.url or "").removeprefix(SITE)
    answer = program.http.generic(
        sent.method or "POST", path, raw, sent.headers.get("Content-Type", "")
    )
    headers = {name.lower(): [value] for name, value in answer.headers.items()}
    return schemathesis.Response(
        status_code=answer.status_code,
        headers=headers,
        content=answer.content,
        request=sent,
        elapsed=0.0,
        verify=False,
    )


def _books_are_right() -> None:
    charged = {row.order_id: row.amount for row in Transfer.objects.filter(kind="order")}
    assert charged == {order.pk: order.price for order in Order.objects.all()}
    assert not ledger_check.check()
