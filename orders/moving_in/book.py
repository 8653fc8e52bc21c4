"""Who is here already, as a file of clients finds it. Nothing is written here."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_noop

from orders.catalog.batches import in_batches
from orders.enums import PriceLevel
from orders.kept_words import Sentence
from orders.models import ApiKey, Arrival, Customer, MarkupRule, User
from orders.moving_in.customer_rows import CustomerRow

_PHONE = Sentence(
    gettext_noop(
        "Its phone number is that of client %(number)s, %(name)s, who has another e-mail "
        "address. Correct one of the two."
    )
)
_KEY = Sentence(
    gettext_noop("Its API key is in use by client %(number)s already. Give this one another key.")
)

BATCH = 5000


@dataclass
class Book:
    """The clients, sign-ins and keys that rows are about, by what they are known by."""

    by_email: dict[str, Customer] = field(default_factory=dict)
    by_phone: dict[str, Customer] = field(default_factory=dict)
    arrivals: dict[int, Arrival] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    keys: dict[str, int] = field(default_factory=dict)
    """The client who has a key, by its hash."""
    with_markup: set[int] = field(default_factory=set)
    """Clients with an agreed markup of their own."""

    @classmethod
    def find(cls, rows: Iterable[CustomerRow]) -> "Book":
        """As many queries for one row as for some thousands."""
        book, listed = cls(), list(rows)
        for batch in in_batches(listed, BATCH):
            emails = [row.email for row in batch if row.email]
            book._read_customers(Q(low__in=emails) & ~Q(email=""))
            book._read_customers(Q(phone__in=[row.phone for row in batch if row.phone]))
            for user in User.objects.filter(email__in=emails):
                book.users[user.email] = user
            hashes = [row.key_hash for row in batch if row.key_hash]
            keys = ApiKey.objects.filter(key_hash__in=hashes)
            book.keys.update(keys.values_list("key_hash", "customer_id"))
        return book

    def _read_customers(self, which: Q) -> None:
        markups = MarkupRule.objects.filter(
            customer=OuterRef("pk"), level=PriceLevel.CUSTOMER, ended_at=None
        )
        found = Customer.objects.annotate(low=Lower("email"), priced=Exists(markups))
        customers = list(found.filter(which).select_related("arrival", "wallet"))
        for customer in customers:
            if customer.email:
                self.by_email[customer.low] = customer
            if customer.phone:
                self.by_phone[customer.phone] = customer
            if customer.priced:
                self.with_markup.add(customer.pk)
            if (arrival := getattr(customer, "arrival", None)) is not None:
                self.arrivals[customer.pk] = arrival

    def is_known(self, row: CustomerRow) -> Customer | None:
        """The client whom the row is about, if they are here: by the address, else by the phone."""
        if row.email:
            return self.by_email.get(row.email)
        return self.by_phone.get(row.phone)

    def clash(self, row: CustomerRow) -> str:
        """Whom the row would come into conflict with, and what to do; "" when nobody."""
        known = self.is_known(row)
        phoned = self.by_phone.get(row.phone) if row.phone else None
        if phoned is not None and (known is None or phoned.pk != known.pk):
            return _PHONE.of(number=phoned.pk, name=phoned.name[:60])
        owner = self.keys.get(row.key_hash) if row.key_hash else None
        if owner is not None and (known is None or owner != known.pk):
            return _KEY.of(number=owner)
        user = self.users.get(row.email) if row.email else None
        if user is not None and (known is None or known.user_id not in (None, user.pk)):
            return gettext_noop(
                "Somebody signs in with this e-mail address already, who is no client."
            )
        if user is not None and known is not None and known.user_id is None:
            return gettext_noop("Somebody else signs in with this e-mail address already.")
        return ""
