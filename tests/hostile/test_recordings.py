"""Every answer that was ever recorded, of whatever action, given to every job.

A build gives a job those of its own actions and a share of the others; with `HOSTILE` set it
gets all of them.
"""

import os

import pytest

from tests.hostile.conftest import Round
from tests.hostile.house import ACTIONS, JOBS, PLAYED
from tests.upstream.recordings import names, recording
from tests.upstream.server import answering

RECORDINGS = [name for name in names("") if not name.endswith("README")]
SHARE = 1 if "HOSTILE" in os.environ else 24


@pytest.mark.parametrize("job", PLAYED)
def test_no_recording_harms_any_job(answered: Round, job: str) -> None:
    own = {name for name in RECORDINGS if name.partition("/")[0] in ACTIONS[job]}
    others = [name for name in RECORDINGS if name not in own]
    begin = list(JOBS).index(job) % SHARE
    for name in [*sorted(own), *others[begin::SHARE]]:
        try:
            answered(job, answering(recording(name)))
        except Exception as error:
            error.add_note(f"answered with {name}")
            raise
