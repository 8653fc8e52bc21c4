"""A provider without a network, whose time stands still until a test moves it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from orders.upstream.simulator.catalog import Service
from orders.upstream.simulator.settings import Settings
from orders.upstream.simulator.world import World
from tests.support.simulator import simulator

__all__ = ["simulator"]

LINK = "https://instagram.com/p/Abc123"


class Provider:
    """A world and its moment."""

    def __init__(self, world: World):
        self.world = world
        self.now = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)

    def call(self, action: str, **params: Any) -> Any:
        return self.handle(action=action, key=self.world.settings.key, **params)[1]

    def handle(self, **params: Any) -> tuple[int, Any]:
        texts = {name: str(value) for name, value in params.items()}
        return self.world.handle(texts, self.now)

    def add(self, service: Service | int = 101, link: str = LINK, **params: Any) -> Any:
        number = service.id if isinstance(service, Service) else service
        return self.call("add", service=number, **{"link": link, "quantity": 1000, **params})

    def buy(self, service: Service | int = 101, link: str = LINK, **params: Any) -> int:
        return self.add(service, link, **params)["order"]

    def status(self, *orders: int) -> Any:
        if len(orders) == 1:
            return self.call("status", order=orders[0])
        return self.call("status", orders=",".join(map(str, orders)))

    def balance(self) -> Decimal:
        return Decimal(self.call("balance")["balance"])

    def wait(self, **span: float) -> None:
        self.now += timedelta(**span)

    def service(self, kind: str = "Default", **traits: Any) -> Service:
        """The first service of a type with those traits."""
        for service in self.world.services.values():
            if service.kind == kind and all(bool(getattr(service, name)) is value
                                            for name, value in traits.items()):  # fmt: skip
                return service
        raise LookupError(kind)


@pytest.fixture
def provider() -> Provider:
    return Provider(World(Settings(balance=Decimal(50_000))))
