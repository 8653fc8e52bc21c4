"""The life of an order: what it looks like at any moment, from a few figures fixed at its start."""

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

CENTS = Decimal("0.00000001")
ENDINGS = {
    "completed": "Completed",
    "over_delivered": "Completed",
    "completed_then_partial": "Completed",
    "partial": "Partial",
    "canceled": "Canceled",
    "failed": "Failed",
}
CLOSED = frozenset({"Completed", "Partial", "Canceled", "Refunded", "Failed"})


@dataclass(frozen=True, slots=True)
class Course:
    """When an order moves, in seconds since the epoch, and how it ends.

    It starts at `start`, would be done at `full`, and stops at `stop`, which is earlier when it
    ends early; at `relapse` a completed order may turn partial.
    """

    start: float
    full: float
    stop: float
    relapse: float
    ending: str = "completed"

    def later(self, seconds: float) -> "Course":
        """The same, so much later."""
        return Course(
            self.start + seconds,
            self.full + seconds,
            self.stop + seconds,
            self.relapse + seconds,
            self.ending,
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """An order at one moment; `charge` is net of what was given back."""

    status: str
    start_count: int
    remains: int
    charge: Decimal


@dataclass(eq=False, slots=True)
class Order:
    """One accepted order. `amount` is what it delivers, `charge` what was paid for it.

    `parent` and `children` join the runs of a drip-feed and the posts of a subscription; a child
    exists from `placed` on, and a post is `paid` for then. `sequence` numbers the accepted `add`
    calls; a child has none.
    """

    id: int
    sequence: int | None
    service: int
    kind: str
    link: str
    amount: int
    charge: Decimal
    placed: float
    course: Course
    start_count: int
    params: dict[str, str] = field(default_factory=dict)
    words: dict[str, int] = field(default_factory=dict)
    parent: "Order | None" = None
    children: "tuple[Order, ...]" = ()
    expires: float | None = None
    paused_at: float | None = None
    canceled_at: float | None = None
    cancel_asked: bool = False
    forced: dict[str, str] = field(default_factory=dict)
    paid: bool = True
    given_back: Decimal = Decimal(0)
    refills: list[int] = field(default_factory=list)

    @property
    def stops(self) -> float:
        """When it ends for good, unless somebody forces it."""
        stop = self.course.stop
        return stop if self.canceled_at is None else min(stop, self.canceled_at)

    @property
    def last_change(self) -> float:
        """From here on a reading stays the same."""
        relapses = self.course.ending == "completed_then_partial" and self.canceled_at is None
        return self.course.relapse if relapses else self.stops

    def reading(self, at: float) -> Reading:
        """What it looks like at the moment `at`."""
        status, remains = self._natural(at)
        start_count = 0 if status == "Pending" else self.start_count
        if self.forced:
            status = self.forced.get("status", status)
            remains = int(self.forced.get("remains", 0 if status == "Completed" else remains))
            start_count = int(self.forced.get("start_count", start_count))
        charge = self.charge - self._owed_back(status, remains)
        return Reading(status, start_count, remains, Decimal(self.forced.get("charge", charge)))

    def owed_back(self, at: float) -> Decimal:
        """What the provider owes back of the charge at the moment `at`."""
        reading = self.reading(at)
        return self._owed_back(reading.status, reading.remains)

    def _natural(self, at: float) -> tuple[str, int]:
        if at >= self.stops:
            return self._ended(at)
        if at < self.course.start:
            return "Pending", self.amount
        return "In progress", self.amount - self._delivered(at)

    def _ended(self, at: float) -> tuple[str, int]:
        left = self.amount - self._delivered(self.stops)
        if self.canceled_at is not None and self.canceled_at < self.course.stop:
            return ("Partial" if left < self.amount else "Canceled"), left
        ending = self.course.ending
        if ending == "completed_then_partial" and at >= self.course.relapse:
            return "Partial", max(1, self.amount * 3 // 10)
        if ending == "over_delivered":
            left = -max(1, self.amount * 7 // 100)
        elif ending == "canceled":
            left = self.amount
        elif ending == "partial":
            left = max(1, left)
        return ENDINGS[ending], left

    def _delivered(self, at: float) -> int:
        course = self.course
        if at <= course.start:
            return 0
        return int(self.amount * min(1.0, (at - course.start) / (course.full - course.start)))

    def _owed_back(self, status: str, remains: int) -> Decimal:
        if status in ("Canceled", "Refunded"):
            return self.charge
        if status != "Partial" or not self.amount:
            return Decimal(0)
        left = min(max(remains, 0), self.amount)
        return (self.charge * left / self.amount).quantize(CENTS, ROUND_HALF_UP)

    def is_open(self, at: float) -> bool:
        """Whether anything is still to come of it."""
        if self.children:
            return self.family_status(at) in ("Active", "In progress")
        return self.reading(at).status not in CLOSED

    # Drip-feeds and subscriptions

    def born(self, at: float) -> "list[Order]":
        """The children that exist at the moment `at`."""
        ends = (at, self.canceled_at, self.expires, self.paused_at)
        end = min(moment for moment in ends if moment is not None)
        return [child for child in self.children if child.placed <= end]

    def pause(self, at: float) -> None:
        """Serve no posts from now on."""
        if self.paused_at is None:
            self.paused_at = at

    def resume(self, at: float) -> "list[Order]":
        """Serve posts again: those still to come come so much later. Gives these."""
        if self.paused_at is None:
            return []
        waited = at - self.paused_at
        to_come = [child for child in self.children if child.placed > self.paused_at]
        for child in to_come:
            child.placed, child.course = child.placed + waited, child.course.later(waited)
        self.paused_at = None
        return to_come

    def owed_for_runs(self, at: float) -> Decimal:
        """What the provider owes back for the runs of a canceled drip-feed that never began; runs
        that did are settled one by one."""
        if self.kind == "Subscriptions" or self.family_status(at) != "Canceled":
            return Decimal(0)
        born = self.born(at)
        return sum((one.charge for one in self.children if one not in born), Decimal(0))

    def family_status(self, at: float) -> str:
        """The status of a drip-feed's or a subscription's parent."""
        if "status" in self.forced:
            return self.forced["status"]
        if self.canceled_at is not None and at >= self.canceled_at:
            return "Canceled"
        done = all(child.reading(at).status in CLOSED for child in self.children)
        if done and self.born(at) == list(self.children):
            return "Completed"
        if self.expires is not None and at >= self.expires:
            return "Expired"
        return "Active" if self.kind == "Subscriptions" else "In progress"
