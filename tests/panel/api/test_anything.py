"""Whatever is sent: JSON with status 200, no failure of ours, no order without its charge."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders import ledger_check, service_types
from orders.models import Order, Service, Transfer
from orders.shop import Listed
from panel.api.actions import ACTIONS
from panel.api_errors import BROKEN
from panel.customer.api import calls
from tests.support import factories
from tests.support.programs import Program

pytestmark = pytest.mark.django_db

ODD = st.sampled_from(
    [
        *(
            "0",
            "-1",
            "1e3",
            "NaN",
            "1.5",
            "٣",
            "9" * 40,
            "null",
            "undefined",
            " ",
            "\x00",
            "\ud800",
        ),
        *("100", "1,000", "x" * 3000, "a\nb", "' OR 1=1 --", "error", "1,2,error,2", "31/12/2030"),
        *("https://instagram.com/p/a", "javascript:alert(1)", "@name", "WW"),
    ]
)
VALUES: st.SearchStrategy[Any] = st.one_of(
    ODD,
    ODD,
    st.text(max_size=20),
    st.integers(-5, 20_000),
    st.floats(),
    st.booleans(),
    st.none(),
    st.lists(ODD, max_size=3),
)
NAMES = st.sampled_from(
    sorted(
        {
            *service_types.field_names(),
            "order",
            "orders",
            "refill",
            "refills",
            "service",
            "request_id",
            "__proto__",
        }
    )
)
SAID = st.dictionaries(NAMES, VALUES, max_size=8)
ACTION = st.sampled_from([*ACTIONS, "add", "add", "add", "zebra"])


@pytest.fixture
def services(db: None) -> list[Service]:
    """One of each type."""
    provider = factories.provider()
    kinds = [kind for kind in service_types.ALL if kind.orderable]
    return [
        factories.service(
            factories.offer(provider, type_name=kind.name, service_type=kind.slug, least=1)
        )
        for kind in kinds
    ]


def test_anything(program: Program, services: list[Service]) -> None:
    placed: set[int] = set()

    @settings(
        max_examples=300,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(ACTION, SAID, st.sampled_from(services), st.booleans(), st.booleans())
    def called(
        action: str, odd: dict[str, Any], service: Service, sensible: bool, as_form: bool
    ) -> None:
        said: dict[str, Any] = {"key": program.key, "action": action}
        answered = odd | _sensible(service) if sensible else odd
        answer = _answer(program, answered | said, as_form)
        assert answer != {"error": BROKEN}
        if isinstance(answer, dict) and "order" in answer:
            assert isinstance(answer["order"], int)
            placed.add(answer["order"])

    called()
    assert placed == set(Order.objects.values_list("pk", flat=True))
    assert len(placed) > 10, "some of it has to be sensible"
    charged = {row.order_id: row.amount for row in Transfer.objects.filter(kind="order")}
    assert charged == {order.pk: order.price for order in Order.objects.all()}
    assert all(charged.values())
    assert not ledger_check.check()


def _sensible(service: Service) -> dict[str, Any]:
    row = Listed(
        service=service.pk,
        name="",
        category="",
        category_id=0,
        description="",
        type=service.offer.type_name,
        rate=Decimal(1),
        package=False,
        least=2,
        most=9,
        refill=True,
        refill_days=None,
        cancel=True,
        dripfeed=True,
    )
    return calls.add_call(row)


def _answer(program: Program, said: dict[str, Any], as_form: bool) -> Any:
    if not as_form:
        body = json.dumps(said)
        return program.read(program.http.post("/api/v2", body, content_type="application/json"))
    form = {name: "" if value is None else value for name, value in said.items()}
    text = {
        name: str(value).encode("utf-8", "surrogatepass").decode("utf-8", "replace")
        for name, value in form.items()
    }
    return program.read(program.http.post("/api/v2", text))
