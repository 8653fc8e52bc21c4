"""Generated garbage, given to every job that speaks to a provider.

A build gives each job a few answers and each field a share of the odd figures;
`HOSTILE=300 make test ARGS=tests/hostile` looks further.
"""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.hostile import garbage
from tests.hostile.conftest import Round
from tests.hostile.house import ACTIONS, PLAYED, House
from tests.upstream.server import answering, reply


@pytest.mark.parametrize("job", PLAYED)
@settings(
    max_examples=int(os.environ.get("HOSTILE", "4")),
    # The same ones every time, unless more are asked for: a build must not fail by luck.
    derandomize="HOSTILE" not in os.environ,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
)
@given(data=st.data())
def test_no_garbage_harms_any_job(
    house: House, answered: Round, job: str, data: st.DataObject
) -> None:
    action = data.draw(st.sampled_from(ACTIONS[job]))
    spoiled = garbage.spoiled(garbage.good(house, action))
    bodies = data.draw(
        st.lists(spoiled | spoiled | spoiled | garbage.noise, min_size=1, max_size=3)
    )
    head = data.draw(garbage.heads)
    answered(job, answering(*(reply(body, head) for body in bodies)))


TEXTS = [garbage.SCRIPT, garbage.IMAGE, "a\0b", "m" * 1_000_000, "\ud800", garbage.KEY]
IDS = {"service", "order"}


@pytest.mark.parametrize("job", PLAYED)
def test_any_text_may_stand_in_every_field(house: House, answered: Round, job: str) -> None:
    """Each round shifts the texts by one field, so that each field gets each of them; ids, which
    would keep the rest from being read, by themselves. A build shares the rounds out among jobs."""
    for action in ACTIONS[job]:
        good = garbage.good(house, action)
        leaves = [path for path in garbage.paths(good) if path and _is_leaf(good, path)]
        fields = [path for path in leaves if path[-1] not in IDS]
        for shift, text in list(enumerate(TEXTS))[list(ACTIONS).index(job) % SHARE :: SHARE]:
            odd = good
            for place, path in enumerate(fields):
                word = TEXTS[(place + shift) % len(TEXTS)]
                odd = garbage.changed_at(odd, path, lambda _, word=word: word)
            for path in set(leaves) - set(fields):
                good_but_id = garbage.changed_at(good, path, lambda _, text=text: text)
                answered(job, answering(reply(garbage.dumps(good_but_id).encode())))
            answered(job, answering(reply(garbage.dumps(odd).encode())))
            answered(job, answering(reply(garbage.dumps({"error": text}).encode())))


def _is_leaf(document: Any, path: garbage.Path) -> bool:
    return not isinstance(garbage.value_at(document, path), dict | list)


FIGURES = [raw.text for raw in garbage.RAW] + [f'"{figure}"' for figure in garbage.FIGURES]
SHARE = 1 if "HOSTILE" in os.environ else 3


@pytest.mark.parametrize("job", PLAYED)
def test_any_figure_may_stand_in_every_field(house: House, answered: Round, job: str) -> None:
    """All of a job's fields at once, one figure after another. A build shares the figures out
    among the jobs, each of which begins at another one."""
    figures = FIGURES[list(ACTIONS).index(job) % SHARE :: SHARE]
    for action in ACTIONS[job]:
        good = garbage.good(house, action)
        for figure in figures:
            odd = good
            for path in garbage.paths(good):
                if path and path[-1] in (
                    "charge",
                    "remains",
                    "start_count",
                    "runs",
                    "rate",
                    "min",
                    "max",
                    "refill_days",
                    "balance",
                    "refill",
                    "cancel",
                ):
                    odd = garbage.changed_at(odd, path, lambda _, raw=figure: garbage.Raw(raw))
            answered(job, answering(reply(garbage.dumps(odd).encode())))
