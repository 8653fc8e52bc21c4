"""Service types for tests: one that nobody sells, declared in one place as any other is."""

from collections.abc import Iterator
from contextlib import contextmanager

from orders import service_types
from orders.service_types import Field, ServiceType, types

STICKERS = ServiceType(
    "sticker_packs",
    "Sticker Packs",
    (
        Field("link", "Link", "link", example="https://example.com/chat"),
        Field(
            "stickers",
            "Stickers",
            "lines",
            hint="One sticker per line.",
            unit="stickers",
            example="sticker {0}",
        ),
        Field("mood", "Mood", "choice", choices=(("1", "Merry"), ("2", "Solemn"))),
        Field(
            "occasion",
            "Occasion",
            "text",
            required=False,
            required_if=("mood", "1"),
            example="birthday",
        ),
    ),
    counts="stickers",
)


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
