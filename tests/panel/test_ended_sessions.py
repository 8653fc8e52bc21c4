"""An ended session: said plainly, with a way back to the page and not to a form's address."""

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from tests.support import factories

pytestmark = pytest.mark.django_db

SITE = "http://testserver"


def test_a_form_sent_too_late_leads_back_to_the_page_it_stood_on() -> None:
    page = "/staff/orders/7/?seen=1"
    response = Client().post(
        reverse("staff:cancel_order", args=[7]), headers={"referer": SITE + page}
    )
    assert response["Location"] == "/account/login/?next=%2Fstaff%2Forders%2F7%2F%3Fseen%3D1"
    (words,) = get_messages(response.wsgi_request)
    assert "nothing was sent" in str(words)


def test_another_site_chooses_no_page_to_come_back_to() -> None:
    response = Client().post(reverse("staff:tills"), headers={"referer": "https://evil.example/a"})
    assert response["Location"] == "/account/login/"


def test_a_part_is_told_where_to_sign_in_and_is_not_replaced() -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": f"{SITE}/staff/orders/?tab=late"}
    response = Client().get("/staff/orders/", headers=headers)
    assert response.status_code == 204
    assert '"/account/login/?next=%2Fstaff%2Forders%2F%3Ftab%3Dlate"' in response["HX-Trigger"]


def test_opening_a_page_or_signing_out_says_nothing_of_it() -> None:
    browser = Client()
    assert "next=/staff/" in browser.get("/staff/")["Location"]
    browser.force_login(factories.owner().user)
    response = browser.post(reverse("account_logout"))
    assert response["Location"] == "/account/login/"
    assert "nothing was sent" not in " ".join(str(m) for m in get_messages(response.wsgi_request))
