"""Asking every question of every slice, changing nothing."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from orders import sql
from orders.ledger_check.questions import QUESTIONS, Question

MOST = 100
"""Findings listed for one question; a thousand say no more than a hundred."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that honest books do not show: which question found it, and a sentence."""

    check: str
    text: str

    def __str__(self) -> str:
        return f"{self.check}: {self.text}"


def check() -> list[Finding]:
    """Everything that is wrong with the books; empty when they are honest."""
    findings = trigger_findings()
    for question in QUESTIONS:
        findings += _ask_all(question)
    return findings


def trigger_findings() -> list[Finding]:
    """Triggers that keep the books append-only and are not there, or do not act."""
    return [
        Finding("triggers", f"{name} is missing or switched off; run migrate to put it back")
        for name in sql.missing_triggers()
    ]


def slices(question: Question, after: int = -1) -> Iterator[tuple[int, int]]:
    """The ids above `after` in slices; a stretch without rows, however long, is one step."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT MAX(id) FROM {question.table}")
        (last,) = cursor.fetchone()
    while last is not None and after < last:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT MIN(id) FROM {question.table} WHERE id > %s", [after])
            (low,) = cursor.fetchone()
        after = low + question.step - 1
        yield low, after


def ask(question: Question, low: int, high: int) -> list[Finding]:
    """What one question finds in one slice, `MOST` at the most."""
    with connection.cursor() as cursor:
        cursor.execute(question.statement, {"low": low, "high": high, "most": MOST})
        rows = cursor.fetchall()
    return [Finding(question.name, question.say(*row)) for row in rows]


def _ask_all(question: Question) -> list[Finding]:
    findings: list[Finding] = []
    for low, high in slices(question):
        findings += ask(question, low, high)
        if len(findings) >= MOST:
            more = Finding(question.name, f"the first {MOST} are listed; there may be more")
            return [*findings[:MOST], more]
    return findings
