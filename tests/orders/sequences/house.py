"""Everybody at once."""

from tests.orders.sequences.asking import Asking
from tests.orders.sequences.buying import Buying
from tests.orders.sequences.cash import Cash
from tests.orders.sequences.deciding import Deciding
from tests.orders.sequences.paying_in import PayingIn
from tests.orders.sequences.reporting import Reporting
from tests.orders.sequences.ruling import Ruling
from tests.orders.sequences.sending import Sending
from tests.orders.sequences.subscribing import Subscribing
from tests.orders.sequences.terms import Terms


class House(
    Buying, Sending, Reporting, Subscribing, Deciding, Cash, PayingIn, Asking, Ruling, Terms
):
    """All rules, upon one scene."""
