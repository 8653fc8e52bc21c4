"""How far a sweep came: for each tier the round it is on. Plain values, kept as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from orders.enums import Tier
from orders.models import Sweep

NEARLY = 0.95
"""A tier is due a little early rather than one beat late."""

FASTEST_FIRST = tuple(sorted(Tier))


@dataclass
class Rounds:
    """A round asks about every order of a tier once, by id, then about every child. It is on its
    way while it has a cursor, the last id that was asked about."""

    cursors: dict[str, int]
    began: dict[str, str]
    ended: dict[str, str]

    @classmethod
    def of(cls, sweep: Sweep) -> "Rounds":
        return cls(dict(sweep.cursors), dict(sweep.started), dict(sweep.rounds))

    def columns(self) -> dict[str, Any]:
        return {"cursors": self.cursors, "started": self.began, "rounds": self.ended}

    def due(self, now: datetime, every: Mapping[Tier, timedelta]) -> list[Tier]:
        """Tiers with a round on its way, or whose last one began long enough ago; fastest first."""
        return [tier for tier in FASTEST_FIRST if self._is_due(tier, now, every[tier])]

    def _is_due(self, tier: Tier, now: datetime, pace: timedelta) -> bool:
        if self.on_its_way(tier):
            return True
        began = self.began_at(tier)
        # A beginning in the future was written by a clock that has been put back since.
        return began is None or not timedelta(0) <= now - began < pace * NEARLY

    def on_its_way(self, tier: Tier) -> bool:
        return _key(tier) in self.cursors

    def begin(self, tier: Tier, now: datetime) -> None:
        self.cursors[_key(tier)] = 0
        self.began[_key(tier)] = now.isoformat()

    def cursor(self, tier: Tier) -> int:
        return self.cursors[_key(tier)]

    def move(self, tier: Tier, last_id: int) -> None:
        self.cursors[_key(tier)] = last_id

    def child_cursor(self, tier: Tier) -> int:
        return self.cursors.get(_child_key(tier), 0)

    def move_child(self, tier: Tier, last_id: int) -> None:
        self.cursors[_child_key(tier)] = last_id

    def abandon(self, tier: Tier) -> None:
        self.cursors.pop(_key(tier), None)
        self.cursors.pop(_child_key(tier), None)

    def end(self, tier: Tier, now: datetime) -> None:
        del self.cursors[_key(tier)]
        self.cursors.pop(_child_key(tier), None)
        self.ended[_key(tier)] = now.isoformat()

    def began_at(self, tier: Tier) -> datetime | None:
        return _moment(self.began.get(_key(tier)))

    def ended_at(self, tier: Tier) -> datetime | None:
        return _moment(self.ended.get(_key(tier)))


def _key(tier: Tier) -> str:
    return str(int(tier))


def _child_key(tier: Tier) -> str:
    return f"{_key(tier)} children"


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
