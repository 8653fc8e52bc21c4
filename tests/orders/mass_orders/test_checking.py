"""What many lines would do, told before anything is written."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders import drafts, mass_orders, rules
from orders.enums import MarkupKind, NotPlaced, OrderStatus, PauseReason, PriceLevel
from orders.errors import Declined, NotAllowed
from orders.models import Customer, Offer, Order, Provider, Service, Transfer
from tests.orders.mass_orders.conftest import Keep, checked
from tests.support import factories
from tests.support.factories import NOW


def test_each_line_has_name_link_quantity_and_the_price_of_a_single_order(
    keep: Keep, service: Service, casa: Customer
) -> None:
    other = factories.service()
    rules.set_markup(
        PriceLevel.CUSTOMER_SERVICE,
        MarkupKind.FIXED_RATE,
        Decimal("7.77"),
        factories.owner().user,
        NOW,
        "agreed",
        customer=casa,
        service=other,
    )
    found = checked(keep(f"{service.pk}|@a|1,000", f"{other.pk}|@b|10"))
    first, second = found.lines
    assert (first.name, first.link, first.quantity) == (service.name, "@a", 1000)
    for one, bought, quantity in ((first, service, 1000), (second, other, 10)):
        single = drafts.draft(casa, bought.pk, {"link": "@x", "quantity": quantity}, by=casa.user)
        assert one.price == single.quote.price
    assert first.price == Decimal("1.3") and second.price == Decimal("0.0777")
    assert mass_orders.total(found.good) == Decimal("1.3777")
    assert not Order.objects.exists()


def break_it(service: Service, how: str) -> None:
    values: dict[str, dict[str, Any]] = {
        "hidden": {"is_visible": False},
        "paused": {"pause": PauseReason.STAFF, "paused_at": NOW},
    }
    if how in values:
        Service.objects.filter(pk=service.pk).update(**values[how])
    elif how == "gone":
        Offer.objects.update(retired_at=NOW)
    elif how == "type":
        Offer.objects.update(service_type="", type_name="Teleport")
    else:
        Provider.objects.update(not_sold=True)


@pytest.mark.parametrize("how", ["hidden", "paused", "gone", "type", "provider"])
def test_many_are_refused_as_one_is(how: str, service: Service, casa: Customer) -> None:
    break_it(service, how)
    fields = {"link": "@a", "quantity": "1000"}
    with pytest.raises(Declined) as one:
        drafts.draft(casa, service.pk, fields, by=casa.user)
    (many,) = drafts.draft_many(casa, [(service.pk, fields)], by=casa.user)
    assert type(many) is type(one.value) and str(many) == str(one.value)


def test_a_line_says_what_is_wrong_with_it(keep: Keep, service: Service) -> None:
    found = checked(keep("nonsense", "999999|@a|10", f"{service.pk}|@a|5", f"{service.pk}||10"))
    whys = [one.refusal.why if one.refusal else None for one in found.lines]
    assert whys == [NotPlaced.WRONG, NotPlaced.NOT_SOLD, NotPlaced.WRONG, NotPlaced.WRONG]
    assert found.lines[2].refusal is not None and found.lines[3].refusal is not None
    assert found.lines[2].refusal.detail["errors"] == {
        "quantity": "Between 10 and 10,000 for this service."
    }
    assert found.lines[3].refusal.detail["errors"] == {"link": "Enter the link."}
    assert (found.good, len(found.wrong)) == ([], 4)


def test_an_address_is_looked_at_as_it_will_be_sent(keep: Keep, service: Service) -> None:
    """With `https://` before it, as the form of a single order does; so the two are the same."""
    wanted = [f"{service.pk} | {link} | 100" for link in ("x.com/a", "https://x.com/a")]
    first, second = checked(keep(*wanted)).lines
    assert (first.link, second.link) == ("https://x.com/a", "https://x.com/a")
    assert second.repeats


def test_a_service_that_is_not_on_the_list_is_not_named(keep: Keep, service: Service) -> None:
    Service.objects.update(is_visible=False)
    assert checked(keep(f"{service.pk}|@a|10")).lines[0].name == ""


def test_open_orders_and_repeated_lines_are_flagged(
    keep: Keep, service: Service, casa: Customer
) -> None:
    other = factories.service()
    mine = factories.order(casa, service, link="https://x.example/mine")
    factories.order(factories.customer(), service, link="https://x.example/other")
    factories.order(casa, service, link="https://x.example/over", status=OrderStatus.COMPLETED)
    s = service.pk
    found = checked(
        keep(
            f"{s}|x.example/mine/|10",
            f"{s}|x.example/other|10",
            f"{s}|x.example/over|10",
            f"{other.pk}|x.example/over|10",
            f"{s}|https://x.example/other|20",
            f"{s}|x.example/other|10",
        )
    )
    told = [(one.orders, one.earlier, one.repeats) for one in found.lines]
    assert told == [
        ((mine.pk,), None, False),
        ((), None, False),
        ((), None, False),
        ((), 3, False),
        ((), 2, False),
        ((), 2, True),
    ]
    assert [one.line.number for one in found.good] == [2, 3]


def test_a_client_who_is_not_theirs_is_no_business_of_a_member(casa: Customer) -> None:
    with pytest.raises(NotAllowed):
        mass_orders.keep(casa, "1|@a|10", by=factories.staff().user, now=NOW)
    with pytest.raises(NotAllowed):
        mass_orders.check(casa, mass_orders.read("1|@a|10"), by=factories.staff().user)


def test_the_number_of_queries_does_not_grow_with_the_lines(casa: Customer) -> None:
    services = [factories.service() for _ in range(10)]
    assert casa.user is not None

    def queries(lines: int) -> int:
        text = "\n".join(f"{services[n % 10].pk}|@name{n}|{10 + n}" for n in range(lines))
        who = Customer.objects.get(pk=casa.pk)
        with CaptureQueriesContext(
            connection,
        ) as found:
            mass_orders.check(who, mass_orders.read(text), by=who.user)
        return len(found)

    assert queries(500) == queries(1) <= 12


def test_a_fingerprint_changes_with_whatever_a_person_decides_by(
    keep: Keep, service: Service, casa: Customer
) -> None:
    draft = keep(f"{service.pk}|@a|10")
    seen = checked(draft).fingerprint
    assert checked(draft).fingerprint == seen
    factories.order(casa, service, link="@a")
    overlapping = checked(draft).fingerprint
    Offer.objects.update(rate=Decimal(3))
    dearer = checked(draft).fingerprint
    assert len({seen, overlapping, dearer}) == 3
    assert Transfer.objects.exists()
