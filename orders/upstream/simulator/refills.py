"""The life of a refill."""

from dataclasses import dataclass


@dataclass(slots=True)
class Refill:
    """One accepted refill: it starts at `start` and ends at `end` (seconds since the epoch)."""

    id: int
    order: int
    start: float
    end: float
    ending: str

    def status(self, at: float) -> str:
        """Its status at the moment `at`."""
        if at >= self.end:
            return self.ending
        return "In progress" if at >= self.start else "Pending"
