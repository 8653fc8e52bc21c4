"""Playing a machine upon the planted scene, as much of it as a build can bear."""

import os

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.orders.sequences.house import House
from tests.orders.sequences.past import planted


def play(machine: type[House], examples: int) -> None:
    """Play so many examples of 40 steps, or `SEQUENCES` of them."""
    scene = planted()
    run_state_machine_as_test(
        lambda: machine(scene),
        settings=settings(
            max_examples=int(os.environ.get("SEQUENCES", examples)),
            # The same ones every time, unless more are asked for: a build must not fail by luck.
            derandomize="SEQUENCES" not in os.environ,
            stateful_step_count=40,
            # To shrink an example takes minutes: only where more are asked for.
            phases=[Phase.generate, *([Phase.shrink] if "SEQUENCES" in os.environ else [])],
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
