"""What will be bought and what will go wrong, drawn from the seed alone."""

import random
from dataclasses import dataclass

UPSTREAMS = 3
WORKERS = 3
CLIENTS = 6
SERVICES = 4
"""Services that are bought from each upstream."""

PLACING = 0.9
"""The share of the time in which orders are placed."""

CALM = 4.0
"""Seconds at the beginning and at the end in which nothing new goes wrong."""

# What is done to our own side: how often a minute, and between which seconds it lasts.
OURS: dict[str, tuple[float, tuple[float, float]]] = {
    "kill worker": (5, (0, 0)),
    "kill beat": (1.5, (0, 0)),
    "kill broker": (1.5, (0, 0)),
    "kill web": (1, (0, 0)),
    "stall worker": (2, (10, 28)),
    "cut database": (3, (0, 0)),
}
# Spells of an upstream, and between which seconds each lasts.
SPELLS: dict[str, tuple[float, float]] = {
    "refuse": (6, 12),
    "silence": (8, 12),
    "no funds": (4, 8),
    "bad key": (3, 6),
    "price rise": (6, 12),
}
BETWEEN_SPELLS = (15, 35)
"""Seconds: a hold is probed after half a minute, and then there must be something to disturb."""


@dataclass(frozen=True)
class Wish:
    """An order that somebody will place `at` this second, and how impatiently."""

    number: int
    at: float
    key: str
    link: str
    client: int
    upstream: int
    service: int
    quantity: int
    repeats: int = 0
    twice_at_once: bool = False
    leaves_early: bool = False


@dataclass(frozen=True, order=True)
class Act:
    """Something done to somebody from second `at` on, for `seconds` (0: a moment)."""

    at: float
    name: str
    target: int = 0
    seconds: float = 0


@dataclass(frozen=True)
class Plan:
    """Orders and trouble of one run."""

    seed: int
    seconds: float
    wishes: tuple[Wish, ...]
    acts: tuple[Act, ...]


def draw(seed: int, orders: int, minutes: float) -> Plan:
    """The same plan for the same figures."""
    seconds = minutes * 60
    wishes = (_wish(seed, number, seconds * PLACING * number / orders) for number in range(orders))
    acts = sorted([*_ours(seed, seconds), *_spells(seed, seconds)])
    return Plan(seed, seconds, tuple(wishes), tuple(acts))


def chance(seed: int, *about: object) -> random.Random:
    """Luck that depends on what it is about, not on when it is asked for."""
    return random.Random("\x1f".join(map(str, (seed, *about))))


def _wish(seed: int, number: int, at: float) -> Wish:
    luck = chance(seed, "order", number)
    return Wish(
        number=number,
        at=at,
        key=f"chaos-{seed}-{number}",
        link=f"https://instagram.com/p/{seed}-{number}",
        client=luck.randrange(CLIENTS),
        upstream=luck.randrange(UPSTREAMS),
        service=luck.randrange(SERVICES),
        quantity=luck.choice((100, 200, 500)),
        repeats=luck.choice((0, 0, 0, 0, 0, 0, 1, 1, 2)),
        twice_at_once=luck.random() < 0.08,
        leaves_early=luck.random() < 0.08,
    )


def _ours(seed: int, seconds: float) -> list[Act]:
    acts = []
    for name, (a_minute, lasts) in OURS.items():
        luck = chance(seed, "act", name)
        for _ in range(max(1, round(a_minute * seconds / 60))):
            at = luck.uniform(CALM, max(seconds - CALM, CALM))
            acts.append(Act(at, name, luck.randrange(WORKERS), luck.uniform(*lasts)))
    return acts


def _spells(seed: int, seconds: float) -> list[Act]:
    """One spell after the other at each upstream, never two at once, each kind in its turn."""
    luck = chance(seed, "spells")
    kinds = list(SPELLS)
    luck.shuffle(kinds)
    free = [luck.uniform(CALM, 12.0) for _ in range(UPSTREAMS)]
    acts: list[Act] = []
    while True:
        target = free.index(min(free))
        name = kinds[len(acts) % len(kinds)]
        lasts = luck.uniform(*SPELLS[name])
        if free[target] + lasts > seconds - CALM:
            return acts
        acts.append(Act(free[target], name, target, lasts))
        free[target] += lasts + luck.uniform(*BETWEEN_SPELLS)
