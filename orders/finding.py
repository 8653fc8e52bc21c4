"""Finding customers by what was typed: a name, phone number, address, our number, or a link."""

from django.db.models import Q, QuerySet

from orders import service_types, sql
from orders.models import Customer, Staff, User
from orders.persons import Person, visible_customers, visible_orders

MOST_LINKED = 200
"""Orders that are looked at for a typed link; a link so common finds some of them."""


def search_customers(who: Person | Staff | User, text: str, limit: int = 20) -> list[Customer]:
    """Visible clients whose number, phone, e-mail or name the typed text fits, by name.

    A link, known by a slash or an @ before it, finds those who ordered for it before.
    """
    text = text.strip()
    fits = Q(name__icontains=text) | Q(email__istartswith=text)
    if is_link(text):
        fits |= Q(pk__in=_who_ordered_for(who, text))
    if digits := "".join(sign for sign in text if sign.isdecimal()):
        fits |= Q(phone__startswith=digits.removeprefix("00"))
        if text.removeprefix("#") == digits and len(digits) < 19:
            fits |= Q(pk=int(digits))
    found: QuerySet[Customer] = visible_customers(who).select_related("wallet", "manager__user")
    return list((found.filter(fits) if text else found).order_by("name", "id")[:limit])


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
