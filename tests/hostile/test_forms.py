"""Anything typed into anything: every form is filled in with it, by everybody who can open it.

No error of ours, money moves only within the ledger's rules, and what was typed into a form that is
refused stands in it again. `FORMS=50000` posts so many times, otherwise than in a build.
"""

import os
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.messages import ERROR, get_messages
from django.core import mail
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import resolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders import ledger_check
from orders.models import Transfer
from tests.hostile.filling import FILES, Form, Said, fields_in, filled, forms_on, lost
from tests.hostile.visitors import INSIDE, VISITORS, Visitor
from tests.support.collecting import on_services

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

POSTS = int(os.environ.get("FORMS", "0"))
PARTS = 4
LANGUAGES = ("en", "tr")

ODD = st.sampled_from(
    [
        *("", " ", "0", "-1", "1", "1.5", "1e9", "1e400", "NaN", "Infinity", "-Infinity", "٣", "½"),
        *(
            "12,50",
            "1.250",
            "1.250,75",
            ",5",
            "1,2,3",
            "1.250.000",
            "-0,01",
            "0,000000001",
            "1 000",
        ),
        *("9" * 25, "-" + "9" * 25, "0." + "0" * 40 + "1", "999999999999.99999999", "2147483648"),
        *("x" * 5000, "a\nb\r\nc", "\u202eabc", "\x00", "\ud800", "\x1b[0m", "é" * 300, "💥"),
        *("<script>z()</script>", "' OR 1=1 --", "{{ 7 }}", "%s%n", "../../etc/passwd", "=1+1"),
        *("javascript:z()", "https://example.com/a", "//evil.example", "http://[::1", "@name"),
        *("on", "true", "null", "undefined", "[]", "{}", "USD", "UTC", "percent", "31/12/2030"),
        *("0001-01-01", "9999-12-31T23:59", "2026-02-30", "a@b.example", "a@" + "b" * 300),
    ]
)
TYPED = st.one_of(ODD, ODD, st.text(max_size=20), st.integers(-5, 10**12).map(str))

WRONG = ('class="err"', "note t-red")
"""What a page has that says of a field, or above a form, what is wrong."""

MAY_BE_LOST: dict[str, str] = {
    "code": "a code is typed once, and a wrong one is typed anew",
    "staff:change_prices value": "of a rule that ends, and of bounds and terms, there is none",
    "staff:move_shelf place": "the list says where each shelf stands, as it did",
    "staff:move_service place": "likewise",
    "staff:new_order percent": "follows the rule at hand, unsent, as long as it is not chosen",
}
"""By the name of the field, or by the address' name and that of the field: why."""


@dataclass
class Watch:
    """What came of all posts of one visitor."""

    answered: Counter[int] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    compared: int = 0
    """How many refused forms were compared with what was typed into them."""

    def blame(self, words: str, said: Said) -> None:
        if not self.faults[words]:
            self.faults[f"{words}: {str(said)[:600]}"] = 0
        self.faults[words] += 1


def cases() -> Iterator[Any]:
    """Each visitor in one language, the next in the other; in both when posts are counted."""
    for number, who in enumerate(VISITORS):
        parts = range(PARTS) if who in INSIDE else range(1)
        if not (on_services() or POSTS):
            parts = parts[number % len(parts) :][:1]
        for part in parts:
            for language in LANGUAGES if POSTS else (LANGUAGES[(number + part // 2) % 2],):
                yield pytest.param(who, part, language, id=f"{who}-{part}-{language}")


CASES = list(cases())


def forms_of(visitor: Visitor, part: int, parts: int) -> list[Form]:
    """The forms on the pages of a part; an address without any gets the names of all fields."""
    found: dict[tuple[str, tuple[str, ...]], Form] = {}
    bare: list[str] = []
    for url in visitor.pages[part::parts]:
        page = visitor.browser.get(url)
        is_page = page.status_code == 200 and page["Content-Type"].startswith("text/html")
        mine = list(forms_on(page.getvalue().decode(), url)) if is_page else []
        found |= {(form.url, form.names): form for form in mine}
        if not any(form.url == url for form in mine):
            bare.append(url)
    names = tuple(sorted({name for form in found.values() for name in form.names})) or ("x",)
    return [*found.values(), *(Form(url, (), names) for url in bare)]


def alike(forms: list[Form]) -> list[list[Form]]:
    """Forms by where they go: an order has many, and there are many orders."""
    found: dict[str, list[Form]] = {}
    for form in forms:
        found.setdefault(view_of(form), []).append(form)
    return list(found.values())


@pytest.mark.parametrize(("who", "part", "language"), CASES)
def test_whatever_is_typed_is_answered(who: str, part: int, language: str) -> None:
    visitor = VISITORS[who]()
    visitor.browser.cookies[django_settings.LANGUAGE_COOKIE_NAME] = language
    forms = forms_of(visitor, part, PARTS if who in INSIDE else 1)
    kinds = alike(forms)
    told = alike([form for form in forms if form.texts])
    watch = Watch()
    arrived = deepcopy(visitor.browser.cookies)

    @settings(
        max_examples=-(-POSTS // len(CASES)) or (25 if who in INSIDE else 12),
        deadline=None,
        derandomize=not POSTS,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.randoms(use_true_random=True), st.lists(TYPED, min_size=8, max_size=8))
    def typed(chance: Random, texts: list[str]) -> None:
        visitor.browser.cookies = deepcopy(arrived)  # a new session ends with what made it
        cache.clear()  # who is counted out is told no more than that
        mail.outbox.clear()
        form = chance.choice(chance.choice(told if told and chance.random() < 0.7 else kinds))
        texts = [text.encode("utf-8", "surrogatepass").decode("utf-8", "replace") for text in texts]
        is_filled = bool(form.fields) and chance.random() < 0.6
        said = filled(form, chance, texts) if is_filled else forged(form, chance, texts)
        said |= {name: [text] for name, text in visitor.known.items() if name in form.names}
        with transaction.atomic():
            post(visitor, form, said, watch, is_filled)
            transaction.set_rollback(True)

    typed()
    if POSTS:
        print(f"{who} {part} {language}: {dict(watch.answered)}, {watch.compared} compared")
    assert watch.answered[200] + watch.answered[422], watch.answered
    found = sorted(watch.faults)
    assert not found, f"{len(found)} faults\n" + "\n".join(found)


def forged(form: Form, chance: Random, texts: list[str]) -> Said:
    """Any values under any of the names, also those of boxes and hidden fields, and files."""
    said: Said = filled(form, chance, texts) if chance.random() < 0.5 else {}
    for name in chance.sample(form.names, min(len(form.names), chance.randint(0, 5))):
        said[name] = [chance.choice(texts)]
    if chance.random() < 0.1:
        said["file"] = [SimpleUploadedFile("../a\u202e.csv", chance.choice(FILES))]
    if said and chance.random() < 0.5:
        said[chance.choice(list(said))].append(chance.choice(texts))  # twice
    return said


def post(visitor: Visitor, form: Form, said: Said, watch: Watch, is_filled: bool) -> None:
    """Send a form, and judge the answer."""
    before = Transfer.objects.count()
    answer = visitor.browser.post(form.url, said)
    moved = Transfer.objects.count() - before
    watch.answered[answer.status_code] += 1
    if answer.status_code >= 500:
        watch.blame(f"{form.url} {answer.status_code}", said)
    elif answer.status_code >= 400 and moved:
        watch.blame(f"{form.url} was refused and moved money", said)
    if moved and ledger_check.check():
        watch.blame(f"{form.url} put the books out of order", said)
    if is_filled and answer.status_code < 500:
        compare(visitor, form, said, answer, watch)


def compare(visitor: Visitor, form: Form, said: Said, answer: Any, watch: Watch) -> None:
    """What was typed into a form that is refused is there again."""
    name, status = view_of(form), answer.status_code
    if answer.status_code == 302 and _says_no(answer):
        answer = visitor.browser.get(answer["Location"])
        shown = answer.getvalue().decode()
    elif answer.status_code in (200, 422) and answer["Content-Type"].startswith("text/html"):
        shown = answer.getvalue().decode()
        if answer.status_code == 200 and not any(mark in shown for mark in WRONG):
            return
    else:
        return
    watch.compared += 1
    for gone, texts in lost(form, said, fields_in(shown)).items():
        if gone not in MAY_BE_LOST and f"{name} {gone}" not in MAY_BE_LOST:
            watch.blame(f"{name} ({status}) lost {gone}", {gone: texts} | said)


def view_of(form: Form) -> str:
    """The name of the address that a form goes to."""
    return resolve(form.url.partition("?")[0]).view_name


def _says_no(answer: Any) -> bool:
    return any(told.level >= ERROR for told in get_messages(answer.wsgi_request))
