"""The hostile provider, the house that buys from it, and the round: answer, job, verdict."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client as Browser

from orders.catalog import syncing
from tests.hostile import judging, looking
from tests.hostile.house import JOBS, NOW, House, build
from tests.support.written import writing
from tests.upstream.server import Script, Server, answering

Round = Callable[[str, Script], list[judging.Change]]


@pytest.fixture(scope="session")
def hostile() -> Iterator[Server]:
    with Server(answering(b"")) as server:
        yield server


@pytest.fixture
def house(db: None, hostile: Server, monkeypatch: pytest.MonkeyPatch) -> House:
    """A house whose patience is a second."""
    monkeypatch.setattr(syncing, "PATIENCE_SECONDS", 1)
    return build(hostile.url)


@pytest.fixture
def browser(house: House) -> Browser:
    browser = Browser()
    browser.force_login(house.owner.user)
    return browser


@pytest.fixture
def seen() -> set[tuple[str, str]]:
    """By job, what sort of thing this test has seen to happen.

    Not for longer: what a page then shows hangs on what was answered.
    """
    return set()


@pytest.fixture
def answered(house: House, hostile: Server, browser: Browser, seen: set[tuple[str, str]]) -> Round:
    """Run a job against an answer, judge, and put everything back.

    Pages are looked at when the job did what no earlier round had done.
    """
    before = judging.rows()

    def answered(job: str, script: Script) -> list[judging.Change]:
        hostile.script = script
        point = transaction.savepoint()
        try:
            with writing() as written:
                JOBS[job](house, NOW + timedelta(seconds=1))
            found = judging.judge(house, job, before, written)
            kind = (job, judging.kind_of(found))
            if kind not in seen:
                seen.add(kind)
                looking.look(house, browser, job)
            return found
        finally:
            transaction.savepoint_rollback(point)

    return answered
