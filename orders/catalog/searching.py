"""Finding a service by what somebody typed."""

from django.db.models import Q, QuerySet

from orders.models import Service


def search_services(
    text: str = "",
    limit: int = 20,
    *,
    hidden: bool = False,
    upstream_ids: bool = False,
    within: QuerySet[Service] | None = None,
) -> list[Service]:
    """Services whose number is `text`, then those whose name or category holds all its words.

    In the order of the shop, paused ones included, with offer, provider and category at hand.
    `hidden` includes hidden ones; `upstream_ids` (staff who see providers) also looks at the
    provider's number; `within` are those to look among.
    """
    among = Service.objects.all() if within is None else within
    services = among.select_related("offer__provider", "category")
    if not hidden:
        services = services.filter(is_visible=True)
    first = _by_number(services, text.strip(), upstream_ids)
    services = services.filter(holding(text))
    ordered = services.exclude(pk__in=[service.pk for service in first]).order_by(
        "category__position", "category__name", "position", "id"
    )
    return [*first, *ordered[: max(0, limit - len(first))]][:limit]


def fitting(text: str, *, upstream_ids: bool = False) -> Q:
    """The services that `text` finds, for lists that are paged: by number or by all its words."""
    number = _number(text.strip())
    if number is None:
        return holding(text)
    return holding(text) | _numbered(number, upstream_ids)


def holding(text: str) -> Q:
    """The services whose name or category holds every word."""
    words = Q()
    for word in text.split():
        words &= Q(name__icontains=word) | Q(category__name__icontains=word)
    return words


def _by_number(services: QuerySet[Service], text: str, upstream_ids: bool) -> list[Service]:
    number = _number(text)
    if number is None:
        return []
    found = services.filter(_numbered(number, upstream_ids))[:20]
    return sorted(found, key=lambda service: service.pk != int(number))


def _number(text: str) -> str | None:
    return text if text.isascii() and text.isdigit() and len(text) <= 18 else None


def _numbered(number: str, upstream_ids: bool) -> Q:
    ours = Q(pk=int(number))
    return ours | Q(offer__upstream_id=number) if upstream_ids else ours
