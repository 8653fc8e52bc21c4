"""Service types for tests: one that nobody sells, declared as the guide to adding one shows."""

from collections.abc import Iterator
from contextlib import contextmanager

from orders import service_types
from orders.service_types import ServiceType, types
from tests.support.guides import patched

STICKERS: ServiceType = patched("add-a-service-type", "orders/service_types/types.py").by_slug(
    "sticker_packs"
)
"""A type that nobody sells, as the guide to adding one declares it."""


@contextmanager
def declared(kind: ServiceType) -> Iterator[ServiceType]:
    """The type is in the table for a while."""
    service_types.ALL.append(kind)
    _look_again()
    try:
        yield kind
    finally:
        service_types.ALL.remove(kind)
        _look_again()


def _look_again() -> None:
    types.by_slugs.cache_clear()
    types.by_key.cache_clear()
