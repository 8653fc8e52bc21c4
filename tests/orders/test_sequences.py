"""Whatever is done to orders and money, in whatever order: the books are exact, no refund passes
its price, no order leaves the status graph, nothing is sent twice.

`SEQUENCES=2000 make test ARGS=tests/orders/test_sequences.py` looks further.
"""

import pytest

from tests.orders.sequences.catalogs import Catalogs
from tests.orders.sequences.house import House
from tests.orders.sequences.running import play

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_no_sequence_breaks_the_books_or_the_graph() -> None:
    play(House, examples=12)


def test_nor_does_a_catalog_that_moves_beside_it() -> None:
    play(Catalogs, examples=5)
