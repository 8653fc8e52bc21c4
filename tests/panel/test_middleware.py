"""What every page has in common."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.support import factories

pytestmark = pytest.mark.django_db

SEARCHES = ("staff:orders", "staff:clients", "staff:services", "staff:new_order")


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(factories.owner().user)
    return client


@pytest.mark.parametrize("name", SEARCHES)
@pytest.mark.parametrize("field", ["q", "client_q", "client_key"])
def test_a_nul_that_was_asked_for_is_answered_400(desk: Client, name: str, field: str) -> None:
    answer = desk.get(reverse(name), {field: "a\x00b"})

    assert answer.status_code == 400
    assert "We could not read that request" in answer.content.decode()


def test_a_nul_that_was_typed_into_a_form_is_answered_400(desk: Client) -> None:
    client = factories.customer()
    answer = desk.post(
        reverse("staff:new_order"), {"act": "check", "client": client.pk, "new_name": "\x00"}
    )
    assert answer.status_code == 400
