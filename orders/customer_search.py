"""Finding a client by what somebody typed: a number, a phone in any shape, an address, a name,
a link that they ordered for.
"""

from django.db.models import Case, Q, QuerySet, When

from orders import service_types, sql
from orders.contacts import SHORTEST_END, part_of_phone
from orders.models import Customer, Staff, User
from orders.persons import Person, visible_customers, visible_orders

MOST_LINKED = 200
"""Orders that are looked at for a typed link; a link so common finds some of them."""


def search_customers(
    who: Person | Staff | User,
    text: str,
    limit: int = 20,
    *,
    within: QuerySet[Customer] | None = None,
) -> list[Customer]:
    """Visible clients whose number, phone, e-mail or name the typed text fits, by name.

    `within` narrows whom it looks at. The client with that very number comes first. A phone number
    is found in any shape, also without its country code; a link, known by a slash or an @ before
    it, finds those who ordered for it before.
    """
    text = text.strip()
    fits = Q(name__icontains=text) | Q(email__istartswith=text)
    if is_link(text):
        fits |= Q(pk__in=_who_ordered_for(who, text))
    number = text.removeprefix("#")
    pk = int(number) if number.isdecimal() and len(number) < 19 else 0
    if pk:
        fits |= Q(pk=pk)
    if phone := part_of_phone(text):
        fits |= Q(phone__startswith=phone)
        if len(end := phone.removeprefix("0")) >= SHORTEST_END:
            fits |= Q(phone__endswith=end)
    found: QuerySet[Customer] = visible_customers(who).select_related("wallet", "manager__user")
    if within is not None:
        found = found.filter(pk__in=within.order_by().values("pk"))
    exact = Case(When(pk=pk, then=0), default=1)
    return list((found.filter(fits) if text else found).order_by(exact, "name", "id")[:limit])


def is_link(text: str) -> bool:
    """Whether what was typed into a search box is meant as a link."""
    return " " not in text and (text.startswith("@") or "/" in text)


def _who_ordered_for(who: Person | Staff | User, link: str) -> set[int]:
    """Clients of visible orders whose link begins so, by the links' index."""
    key = service_types.link_key(link)
    if not key:
        return set()
    orders = visible_orders(who).filter(sql.begins_with("link_key", key))
    return set(orders.order_by().values_list("customer", flat=True)[:MOST_LINKED])
