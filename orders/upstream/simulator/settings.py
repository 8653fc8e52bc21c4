"""What a simulated provider is like, and how fast its time goes."""

from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True)
class Pace:
    """How fast orders move: `speed` times a real provider's pace.

    With `minutes`, an order lives about that long whatever its service says, and every other wait
    shrinks as if `minutes` stood for an hour.
    """

    speed: float = 1
    minutes: float | None = None

    def scaled(self, seconds: float) -> float:
        """How long a wait of `seconds` at a real provider takes here."""
        return seconds * self.minutes / 60 if self.minutes else seconds / self.speed

    def life(self, average_minutes: int, factor: float) -> float:
        """Seconds from start to end of an order, `factor` times its service's average."""
        if self.minutes:
            return self.minutes * 60 * factor
        return average_minutes * 60 * factor / self.speed


@dataclass(frozen=True)
class Settings:
    """One provider. `gross_charge`: `charge` stays as it was when an order ends early."""

    seed: int = 1
    services: int = 300
    key: str = "simulator-key"
    balance: Decimal = Decimal(1000)
    currency: str = "USD"
    pace: Pace = field(default_factory=Pace)
    gross_charge: bool = False
    refuse_duplicates: bool = False
    idempotency_field: str = ""
    refill_wait_hours: float = 0
    batch_limit: int = 100
    standing_orders: int = 0
