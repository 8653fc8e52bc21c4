"""The guide to adding a service type, carried out: what it declares is told alike everywhere.

The type itself is ordered at every counter by `tests/panel/test_every_type.py`.
"""

from typing import Any

import pytest

from orders import service_types
from orders.service_types import clean, parameters
from tests.orders.catalog.conftest import Reader, Upstream, offer, service
from tests.orders.test_service_types import LINK, ROWS, WIDE
from tests.support.guides import block, patched
from tests.support.types import STICKERS, declared

GUIDE = "add-a-service-type"
SLUG = "sticker_packs"


@pytest.fixture
def row() -> tuple[dict[str, str], int, int, dict[str, str]]:
    told: dict[str, Any] = {}
    exec(block(GUIDE, "python", "ROW"), told)
    found: tuple[dict[str, str], int, int, dict[str, str]] = told["ROW"][SLUG]
    return found


def test_the_row_of_the_guide_has_the_shape_of_the_table_and_holds(row: Any) -> None:
    typed, billable, total, sent = row
    assert len(row) == len(ROWS["default"])
    details = clean(STICKERS, {"link": LINK} | typed, WIDE)
    assert (details.billable, details.delivery_total) == (billable, total)
    told = parameters(STICKERS, details.values, "7")
    assert told == {"service": "7", "link": LINK} | sent


def test_the_pretend_provider_of_the_guide_takes_what_is_sent(row: Any) -> None:
    kinds = patched(GUIDE, "orders/upstream/simulator/kinds.py")
    _, billable, _, sent = row
    wanted = kinds.read("Sticker Packs", kinds.Limits(1, 100), {"link": LINK} | sent)
    assert wanted.amount == billable
    for missing in kinds.KINDS["Sticker Packs"].fields:
        form = {name: text for name, text in ({"link": LINK} | sent).items() if name != missing}
        with pytest.raises(kinds.Refusal):
            kinds.read("Sticker Packs", kinds.Limits(1, 100), form)


def test_services_that_are_there_learn_the_type_and_stay_hidden(
    read: Reader, upstream: Upstream
) -> None:
    upstream.lists(1, type="Sticker Packs")
    read()
    assert (offer(1).service_type, service(1).is_visible) == ("", False)
    assert service_types.find("Sticker Packs") is None
    with declared(STICKERS):
        read()
        assert (offer(1).service_type, service(1).is_visible) == (SLUG, False)
