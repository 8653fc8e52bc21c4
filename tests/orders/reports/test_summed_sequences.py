"""Whatever is done to orders over several days, roll-ups are the direct sums.

`SEQUENCES=2000 make test ARGS=tests/orders/reports` looks further.
"""

import pytest

from tests.orders.sequences.running import play
from tests.orders.sequences.summed import Summed

pytestmark = pytest.mark.django_db


def test_no_sequence_of_acts_leaves_a_day_without_a_mark_untrue() -> None:
    play(Summed, examples=6)
