"""A service's fallback: chosen by its cost and margin, shown everywhere, warned about."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from orders import catalog
from orders.models import AuditEntry, Offer, Service
from tests.support import factories

pytestmark = pytest.mark.django_db


def said(response: Any) -> str:
    """The answer's text without tags."""
    return " ".join(re.sub(r"<[^>]+>", "", response.content.decode()).split())


class TestFallback:
    """Choosing where an order goes that its provider cannot take."""

    @pytest.fixture
    def browser(self, client: Client) -> Client:
        client.force_login(factories.admin().user)
        return client

    @pytest.fixture
    def service(self) -> Service:
        return factories.service(factories.offer(factories.provider("Bulkhaus")))

    def spare(self, **fields: Any) -> Offer:
        return factories.offer(factories.provider("Sparhaus"), name="Spare followers", **fields)

    def url(self, service: Service) -> str:
        return reverse("staff:fallback", args=[service.pk])

    def test_offers_are_shown_with_cost_limits_and_the_margin_at_todays_price(
        self, browser: Client, service: Service
    ) -> None:
        spare, dear = self.spare(rate=Decimal("1.1")), factories.offer(rate=Decimal("1.29"))
        factories.offer(service_type="seo", name="Another type")
        html = said(browser.get(self.url(service)))
        assert "Sparhaus" in html and "10 to 10,000" in html and "$1.1000" in html
        assert "15.4 %" in html, "(1.30 - 1.10) of 1.30"
        assert "below the floor" in html, dear
        assert "Another type" not in html
        one = browser.get(self.url(service), {"offer": spare.pk}).content.decode()
        assert "Margin at that price" in one and "Fall back to Sparhaus" in one

    def test_one_is_named_and_shown_everywhere_and_dropped_again(
        self, browser: Client, service: Service
    ) -> None:
        spare = self.spare(rate=Decimal("1.1"), refill=False)
        said = {"offer": spare.pk, "rate": "1.1", "reason": "They are often out"}
        page = browser.post(self.url(service), said, follow=True).content.decode()
        service.refresh_from_db()
        assert (service.fallback, service.fallback_cost) == (spare, Decimal("1.1"))
        assert f"Sparhaus {spare.upstream_id}" in page and "It gives no refill." in page
        listed = browser.get("/staff/services/").content.decode()
        assert f"else Sparhaus {spare.upstream_id}" in listed
        entry = AuditEntry.objects.get(action="service.fallback_chosen")
        assert (entry.before["fallback"], entry.after["fallback"]) == (None, spare.pk)
        assert entry.reason == "They are often out"

        browser.post(self.url(service), {"offer": ""})
        service.refresh_from_db()
        assert (service.fallback, service.fallback_cost) == (None, None)

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"retired_at": factories.NOW}, "The fallback is gone"),
            ({"rate": Decimal(3)}, "Since it was chosen: Cost per 1000 rose from 1.1000 to 3.0000"),
            ({"service_type": "seo"}, "of another type by now"),
        ],
    )
    def test_one_that_went_wrong_since_is_told_on_the_page_and_in_the_list(
        self, change: dict[str, Any], told: str, browser: Client, service: Service
    ) -> None:
        spare = self.spare(rate=Decimal("1.1"))
        catalog.choose_fallback(service, spare, by=None, now=factories.NOW)
        Offer.objects.filter(pk=spare.pk).update(**change)
        for address in (reverse("staff:service", args=[service.pk]), "/staff/services/"):
            assert told in browser.get(address).content.decode()

    def test_what_cannot_be_one_is_refused(self, browser: Client, service: Service) -> None:
        gone = self.spare(retired_at=factories.NOW)
        seo = factories.offer(service_type="seo", type_name="SEO")
        spare = factories.offer()
        for offer, rate, told in (
            (service.offer, "1", "is bought from already"),
            (gone, "1", "This offer is gone"),
            (seo, "1", "The types differ"),
            (spare, "2", "Its rate moved"),
            (spare, "", "Look at its rate"),
        ):
            said = {"offer": offer.pk, "rate": rate}
            assert told in browser.post(self.url(service), said, follow=True).content.decode()
        service.refresh_from_db()
        assert service.fallback is None

    def test_who_does_not_see_costs_sees_none_of_it(self, client: Client, service: Service) -> None:
        catalog.choose_fallback(service, self.spare(), by=None, now=factories.NOW)
        client.force_login(factories.staff(sees_cost=False).user)
        for address in (reverse("staff:service", args=[service.pk]), "/staff/services/"):
            html = client.get(address).content.decode()
            assert "Sparhaus" not in html and "allback" not in html
        assert client.get(self.url(service)).status_code in (403, 404)

    def test_a_service_that_is_pointed_at_its_fallback_has_none_left(
        self, service: Service
    ) -> None:
        spare = self.spare()
        catalog.choose_fallback(service, spare, by=None, now=factories.NOW)
        row = catalog.point_at(service, spare, None, factories.NOW)
        row.refresh_from_db()
        assert (row.offer, row.fallback, row.fallback_cost) == (spare, None, None)
