"""What reaches the house besides orders: messages, top-ups, an invitation."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from orders import invitations, messages, topups
from orders.enums import PaymentKind
from orders.management.demo.cast import Cast
from orders.management.demo.paper import receipt
from orders.models import Customer, Order, PaymentMethod, Staff, TopUp, User

BANK = """\
Transfer the amount to Halfpenny Ltd, IBAN GB00 HALF 0000 1234 5678 90.
Reference: {reference}
Add a picture or PDF of the transfer; it is on your balance once it has arrived."""
CASH = """\
Bring it to 4 Mint Street, Monday to Friday from 9 to 17.
Say {reference} at the desk."""


class Desk:
    """Keeps an appointment book of the weeks up to `end`; `until` keeps what has come due."""

    def __init__(self, cast: Cast, begin: datetime, end: datetime):
        self.cast = cast
        self.nord, self.casa, self.harbor = cast.clients[:3]
        self.bank, self.cash = self._ways_to_pay(begin)
        self._book = sorted(self._appointments(end), key=lambda each: each[0])

    def until(self, moment: datetime) -> None:
        """Keep every appointment up to a moment, each at its own time."""
        while self._book and self._book[0][0] <= moment:
            at, verb = self._book.pop(0)
            verb(at)

    def _appointments(self, end: datetime) -> list[tuple[datetime, Callable[[datetime], object]]]:
        def ago(days: float) -> datetime:
            return end - timedelta(days=days)

        return [
            (ago(15.5), lambda at: self._paid(self.nord, self.bank, "120", at)),
            (ago(7.6), self._never_arrived),
            (ago(9.4), self._how_long),
            (ago(6.2), lambda at: self._paid(self.harbor, self.cash, "60", at)),
            (ago(3.3), self._wrong_link),
            (ago(1.7), self._invite),
            (ago(0.2), lambda at: self._asks(self.harbor, self.bank, "480", at)),
            (ago(0.12), lambda at: self._asks(self.casa, self.cash, "40", at)),
            (ago(0.05), self._unanswered),
        ]

    # ── Top-ups ──────────────────────────────────────────────────────────────────────────────

    def _ways_to_pay(self, at: datetime) -> tuple[PaymentMethod, PaymentMethod]:
        owner = self.cast.owner.user
        bank = topups.add_method(
            kind=PaymentKind.MANUAL,
            by=owner,
            now=at,
            name="Bank transfer",
            instructions=BANK,
            least=Decimal(20),
            asks_proof=True,
            position=1,
        )
        cash = topups.add_method(
            kind=PaymentKind.MANUAL,
            by=owner,
            now=at,
            name="Cash at the desk",
            instructions=CASH,
            least=Decimal(5),
            most=Decimal(500),
            position=2,
        )
        return bank, cash

    def _asks(self, client: Customer, way: PaymentMethod, amount: str, at: datetime) -> TopUp:
        paid = f"{amount}.00 USD, {client.name}, {at:%d %b %Y}"
        return topups.ask(
            client,
            way,
            Decimal(amount),
            by=_user(client),
            now=at,
            client_key=f"demo-{at.isoformat()}",
            proof=receipt(paid) if way.asks_proof else None,
        )

    def _paid(self, client: Customer, way: PaymentMethod, amount: str, at: datetime) -> None:
        asked = self._asks(client, way, amount, at - timedelta(hours=3))
        topups.approve(asked, by=self.cast.mira.user, now=at)

    def _never_arrived(self, at: datetime) -> None:
        asked = self._asks(self.casa, self.bank, "75", at - timedelta(days=4))
        reason = "No such transfer has arrived; ask your bank where it is."
        topups.decline(asked, by=self.cast.tom.user, now=at, reason=reason)

    # ── Messages ─────────────────────────────────────────────────────────────────────────────

    def _how_long(self, at: datetime) -> None:
        self._talk(
            self.nord,
            self.cast.mira,
            at,
            "Hello, how long does this one take? It has to be there by Friday.",
            "Most of these are through within a day. I keep an eye on it for you.",
        )

    def _wrong_link(self, at: datetime) -> None:
        order = self._talk(
            self.casa,
            self.cast.tom,
            at,
            "I think I pasted yesterday's link. Can you still change it?",
            "It was sent already, so it went to that post. Shall I set up another one?",
            "No, that post is fine too. Thank you!",
        )
        if order is not None:
            messages.close(order, by=self.cast.tom.user, now=at + timedelta(hours=2))

    def _unanswered(self, at: datetime) -> None:
        self._talk(
            self.harbor,
            self.cast.mira,
            at,
            "Is this one moving? My client asks me every hour.",
        )

    def _talk(self, client: Customer, member: Staff, at: datetime, *lines: str) -> Order | None:
        """Client and member in turns, about the client's latest order."""
        order = Order.objects.filter(customer=client).order_by("-pk").first()
        if order is None:
            return None
        for turn, line in enumerate(lines):
            by = member.user if turn % 2 else _user(client)
            messages.write(order, line, by=by, now=at + timedelta(minutes=25 * turn))
        return order

    def _invite(self, at: datetime) -> None:
        invitations.make(email="hello@fjordfoto.example", by=self.cast.mira.user, now=at)


def _user(client: Customer) -> User:
    assert client.user is not None  # the clients of the desk sign in
    return client.user
