"""The staff's pages in another language: what is shown follows it, what programs read does not."""

import re
from collections.abc import Iterator
from unittest import mock

import pytest
from django.utils import translation
from django.utils.translation import get_language

from panel.staff.moving_in import file_page
from panel.staff.reports import more, tables
from panel.staff.services.service_rows import State
from panel.templatetags import halfpenny


@pytest.fixture
def loud() -> Iterator[None]:
    """A language that says everything in capitals, but for English, which is left as it is."""
    functions = translation._trans  # type: ignore[attr-defined]

    def said(message: str) -> str:
        if get_language() == "en":
            return message
        return re.sub(
            r"%\(\w+\)s|[^%]+", lambda m: m[0] if m[0][0] == "%" else m[0].upper(), message
        )

    with mock.patch.multiple(functions, gettext=said), translation.override("tr"):
        yield


@pytest.mark.usefixtures("loud")
def test_columns_are_called_in_the_language_but_in_a_file_in_english() -> None:
    table = tables.Table("Day", tables.money_columns(of_staff=False), [])
    assert str(table.columns[1].label) == "ORDERS"
    assert table.sheet_head[:4] == [
        "Day",
        "Markup in per cent of the charge",
        "Orders",
        "Revenue, net of refunds",
    ]
    odd = tables.Table("Service", more._CHARGES, [])
    assert odd.sheet_head[1] == "Orders charged otherwise"


@pytest.mark.usefixtures("loud")
def test_what_became_of_a_line_is_english_in_the_file_of_results() -> None:
    assert set(file_page.LINE_FATES.values()) >= {"came in", "stayed out"}
    assert all(word.islower() for word in file_page.LINE_FATES.values())
    assert str(file_page.fates({"wrong": 2}, done=True)[0].words) == "STAYED OUT"


def test_a_state_is_known_by_itself_in_any_language() -> None:
    assert State("completed", "Satışta").is_on_sale and not State("held", "On sale").is_on_sale


def test_small_letters_are_those_of_the_language() -> None:
    assert halfpenny.lower("ISLAK İş") == "islak i̇ş"
    with translation.override("tr"):
        assert halfpenny.lower("ISLAK İş") == "ıslak iş"
