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
    for word in text.split():
        services = services.filter(Q(name__icontains=word) | Q(category__name__icontains=word))
    ordered = services.exclude(pk__in=[service.pk for service in first]).order_by(
        "category__position", "category__name", "position", "id"
    )
    return [*first, *ordered[: max(0, limit - len(first))]][:limit]


def _by_number(services: QuerySet[Service], text: str, upstream_ids: bool) -> list[Service]:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        return []
    match = Q(pk=int(text))
    if upstream_ids:
        match |= Q(offer__upstream_id=text)
    return sorted(services.filter(match)[:20], key=lambda service: service.pk != int(text))
