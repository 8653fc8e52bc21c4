"""Chance that a seed repeats."""

import random


def chance(seed: int, *about: object) -> random.Random:
    """Luck that depends on what it is about, not on when it is asked for."""
    return random.Random("\x1f".join(map(str, (seed, *about))))
