"""The closed panel: it says so to everybody, and to nobody more than that."""

import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings


@pytest.fixture
def closed(settings: Settings) -> Client:
    settings.MAINTENANCE = True
    return Client()


@pytest.mark.parametrize("url", ["/", "/staff/", "/my/", "/account/login/", "/nothing-here/"])
@pytest.mark.django_db
def test_every_page_says_that_it_is_closed_and_when_to_ask_again(
    url: str, closed: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        response = closed.get(url)
    assert response.status_code == 503
    assert response["Retry-After"] == "60"
    assert "Closed for maintenance" in response.content.decode()


def test_it_is_no_error_in_the_log(closed: Client, caplog: pytest.LogCaptureFixture) -> None:
    closed.get("/staff/")
    assert [line.message for line in caplog.records if line.levelname != "DEBUG"] == []


def test_a_part_gets_a_line_and_no_page(closed: Client) -> None:
    response = closed.get("/staff/", headers={"HX-Request": "true"})
    assert response.status_code == 503
    assert response["Content-Type"] == "text/plain"
    assert b"<" not in response.content


def test_a_form_is_not_taken(closed: Client) -> None:
    assert closed.post("/staff/orders/new/").status_code == 503


@pytest.mark.django_db
def test_the_probes_go_on(closed: Client) -> None:
    assert closed.get("/healthz").status_code == 200
    assert closed.get("/readyz").status_code == 200


def test_static_files_go_on(closed: Client) -> None:
    page = closed.get("/").content.decode()
    named = re.findall(r'"/static/([^"]+)"', page)
    assert len(named) > 5
    for name in named:
        assert finders.find(name), name
    assert closed.get(f"/static/{named[0]}").status_code == 200
