"""Where and how a provider is spoken to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from orders import addresses
from orders.upstream.wire import Limits


@dataclass(frozen=True)
class Account:
    """Where and how a provider is spoken to. Time-outs are seconds.

    `extra` goes with every request; `idempotency_field` names the parameter in which a provider
    takes a key that makes a repeated `add` harmless, if it has declared one. With `public_only` no
    address of this machine or its network is connected to, whatever the host's name stands for.
    """

    url: str
    key: str = field(repr=False)
    batch_size: int = 100
    connect_timeout: float = 5
    read_timeout: float = 20
    total_timeout: float = 30
    extra: Mapping[str, str] = field(default_factory=dict, repr=False)
    idempotency_field: str = ""
    public_only: bool = False

    @property
    def limits(self) -> Limits:
        return Limits(self.connect_timeout, self.read_timeout, self.total_timeout)

    def may_reach(self, address: str) -> bool:
        """Asked about each address that the host's name stands for, right before connecting."""
        return not self.public_only or addresses.is_public(address)
