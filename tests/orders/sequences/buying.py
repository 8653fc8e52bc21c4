"""Orders come: at the desk, by programs that repeat themselves; and some are canceled."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from orders import cancellations, placement, submission
from orders.enums import OrderStatus
from orders.errors import Declined, InsufficientFunds
from orders.models import Order, Service, Transfer
from tests.orders.sequences.cash import AMOUNTS
from tests.orders.sequences.expected import A_HAIR, FLOOR, cost_now
from tests.orders.sequences.ground import PLACES, Ground
from tests.orders.sequences.past import Scene

TYPES = ("default", "package", "custom_comments")
"""Of the scene's services, in their order."""

QUANTITIES = st.sampled_from([10, 333, 1000, 2000, 3000, 10_000])


class Buying(Ground):
    """Both clients buy, from staff and with their keys."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.asked: dict[tuple[int, str], tuple[int, int]] = {}

    @rule(who=PLACES, quantity=QUANTITIES, kind=st.sampled_from(TYPES), cash=st.none() | AMOUNTS)
    def place(self, who: int, quantity: int, kind: str, cash: Decimal | None) -> None:
        fields: dict[str, Any] = {"link": "https://instagram.com/p/one", "quantity": quantity}
        if kind == "custom_comments":  # the quantity beside them counts for nothing
            fields["comments"] = "one\n\ntwo\n" * (quantity % 400 + 1)
        client = self.scene.clients[who % 2]
        has = self.picture.holds(client.pk) + self.picture.credit[client.pk] + (cash or 0)
        try:
            placed = placement.place(
                client,
                self.scene.services[TYPES.index(kind)].pk,
                fields,
                by=self.scene.admin,
                now=self.later(),
                take_cash=cash,
                overlap_ok=True,
            )
        except InsufficientFunds as short:
            assert short.missing > 0
        except Declined:
            return
        else:
            self.fits(placed.order, has, cash)
            units = {"package": 1, "custom_comments": 2 * (quantity % 400 + 1)}
            assert placed.order.billable == units.get(placed.order.service_type, quantity)

    def fits(self, order: Order, has: Decimal, cash: Decimal | None) -> None:
        """The price is covered by what the client has, and covers cost and floor."""
        assert order.price <= has
        taken = Transfer.objects.filter(order=order, kind="cash_taken")
        assert list(taken.values_list("amount", flat=True)) == ([cash] if cash else [])
        service = Service.objects.select_related("offer__provider").get(pk=order.service_id)
        cost = cost_now(order, service.offer, service.offer.provider)
        assert order.expected_cost == cost
        assert order.price >= cost * FLOOR - A_HAIR

    @rule(
        who=PLACES,
        quantity=st.sampled_from([100, 1000]),
        request_id=st.sampled_from([None, None, "r-1", "r-2"]),
        seconds=st.sampled_from([1, 1, 61]),
        times=st.sampled_from([1, 2]),
    )
    def a_program_places(
        self, who: int, quantity: int, request_id: str | None, seconds: int, times: int
    ) -> None:
        """Repeats are common: with an id it is the first order, without one it is refused within
        a minute."""
        for _ in range(times):
            self.a_program_sends(who, quantity, request_id, seconds)

    def a_program_sends(
        self, who: int, quantity: int, request_id: str | None, seconds: int
    ) -> None:
        key, now = self.scene.keys[who % 2], self.later(seconds=seconds)
        said = {"link": "https://instagram.com/p/two", "quantity": str(quantity)}
        window = None if request_id else timedelta(seconds=60)
        try:
            placed = placement.place(
                key.customer,
                self.scene.services[0].pk,
                said,
                by=None,
                now=now,
                client_key=request_id,
                api_key=key,
                overlap_ok=True,
                not_again_within=window,
            )
        except Declined:
            return
        if window is None:
            first = self.asked.setdefault((key.pk, request_id or ""), (quantity, placed.order.pk))
            assert first == (quantity, placed.order.pk)
        else:
            same = Order.objects.filter(customer=key.customer, details=placed.order.details)
            assert not same.filter(placed_at__gt=now - window).exclude(pk=placed.order.pk).exists()

    @rule(place=PLACES, by=st.sampled_from(["program", "staff", "customer", "too late"]))
    def cancel(self, place: int, by: str) -> None:
        if order := self.one_of(place):
            person = {"staff": self.scene.admin, "customer": order.customer.user}.get(by)
            # Too late: the page still showed it as waiting.
            verb = cancellations.cancel_waiting if by == "too late" else cancellations.request
            self.tried(lambda: verb(order, by=person, now=self.later()))

    @rule(place=PLACES, released=st.booleans(), loss=st.booleans())
    def hold_and_release(self, place: int, released: bool, loss: bool) -> None:
        if order := self.one_of(place, status=OrderStatus.WAITING):
            by = self.scene.admin
            submission.hold(order, by=by, now=self.later(), reason="asks first")
            if loss:
                more = {"seen": Decimal(50), "reason": "a good client"}
                self.tried(lambda: submission.allow_loss(order, by=by, now=self.later(), **more))
            elif released:
                submission.release(order, by=by, now=self.later())

    @rule()
    def two_days_pass(self) -> None:
        """What still waits then is canceled, and its price given back."""
        late = Order.objects.filter(status=OrderStatus.WAITING)
        numbers = list(late.values_list("pk", flat=True))
        submission.expire_waiting(self.later(hours=49))
        ended = Order.objects.filter(pk__in=numbers)
        assert all(order.status == OrderStatus.CANCELED for order in ended)
