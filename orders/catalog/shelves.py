"""Our shelves and names, as far as they follow the provider's."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db.models import Count, Max, Q, QuerySet

from orders import sql
from orders.catalog.comparing import Changed
from orders.models import Category, Service

OTHER = "Other"


def shelf_ids(names: Iterable[str]) -> dict[str, int]:
    """The id of the category for each name, made where there is none, in the order given.

    Inside the caller's transaction; two syncs may make the same one at once.
    """
    wanted = list(dict.fromkeys(names))
    titles = [name or OTHER for name in wanted]
    there = _ids(titles)
    missing = [title for title in dict.fromkeys(titles) if title not in there]
    if missing:
        last = Category.objects.aggregate(last=Max("position"))["last"] or 0
        Category.objects.bulk_create(
            [Category(name=title, position=last + n) for n, title in enumerate(missing, 1)],
            ignore_conflicts=True,
        )
        there = _ids(titles)
    return {name: there[title] for name, title in zip(wanted, titles, strict=True)}


STEP = 10
"""Between the positions of two neighbours, so that the rows of the trail read well."""


def next_positions(category_ids: Iterable[int]) -> dict[int, int]:
    """Where a service stands that is new on these shelves: last where people ordered them, else 0,
    where a shelf goes by numbers. One query."""
    there = Service.objects.filter(category__in=set(category_ids)).order_by()
    last = there.values_list("category").annotate(last=Max("position"))
    return {category: position + STEP if position else 0 for category, position in last}


class Shelf(NamedTuple):
    """A category with how many of some services stand there, and how many of them are on sale."""

    number: int
    name: str
    services: int
    on_sale: int


def stock(services: QuerySet[Service], most: int = 500) -> list[Shelf]:
    """The shelves of these services, in the shop's order. One query."""
    shelves = services.order_by("category__position", "category__name").values_list(
        "category_id", "category__name"
    )
    counts = (Count("pk"), Count("pk", filter=Q(is_visible=True)))
    return [Shelf(*row) for row in shelves.annotate(n=counts[0], sold=counts[1])[:most]]


def flow_to_services(batch: Sequence[Changed]) -> None:
    """Let a changed name, description or category reach the services where nobody changed ours.

    Nobody did where ours is still what the provider's was before. Inside the caller's transaction.
    """
    changes = {
        changed.known.id: changed
        for changed in batch
        if {"name", "description", "category"} & set(changed.names)
    }
    services = Service.objects.filter(offer_id__in=changes).order_by("pk")
    services = services.select_related("category").select_for_update(of=("self",), no_key=True)
    moved = [(service, *_followed(service, changes[service.offer_id])) for service in services]
    shelves = shelf_ids(
        category for service, _, _, category in moved if category != service.category.name
    )
    rows = [
        (service.pk, name, description, shelves.get(category, service.category_id))
        for service, name, description, category in moved
        if (name, description, category)
        != (service.name, service.description, service.category.name)
    ]
    sql.update_rows(
        "orders_service",
        ["name", "description", "category_id"],
        rows,
        casts=["varchar", "text", "bigint"],
    )


def _followed(service: Service, changed: Changed) -> tuple[str, str, str]:
    old, new = changed.known.values, changed.values
    return (
        new.name if service.name == old.name else service.name,
        new.description if service.description == old.description else service.description,
        (new.category or OTHER)
        if service.category.name == (old.category or OTHER)
        else service.category.name,
    )


def _ids(titles: Iterable[str]) -> dict[str, int]:
    return dict(Category.objects.filter(name__in=set(titles)).values_list("name", "pk"))
