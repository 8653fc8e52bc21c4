"""A form goes out as every server reads one, however quickly it was put together."""

from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.upstream.account import Account
from orders.upstream.line import Line
from tests.upstream.recordings import KEY

IDS = st.lists(st.text("0123456789abcXYZ-_.~ ,٣é%+&=", max_size=6), max_size=5).map(",".join)


@given(IDS | st.text(max_size=30))
def test_a_value_is_spelled_as_urllib_spells_it(orders: str) -> None:
    form = Line(Account("https://example.com/", KEY))._form("status", {"orders": orders})

    wanted = {"orders": orders, "key": KEY, "action": "status"}
    assert form.decode() == urlencode(wanted)
    assert parse_qs(form.decode(), keep_blank_values=True)["orders"] == [orders]


@pytest.mark.parametrize("ids", ["1", "1,2,30", "a1b2,,", "٣,4", ",", ""])
def test_the_commas_between_ids_are_written_out(ids: str) -> None:
    form = Line(Account("https://example.com/", KEY))._form("status", {"orders": ids})
    assert b"," not in form
    assert form.decode().count("%2C") == ids.count(",")
