"""Anything typed into anything: every address is posted to with hostile fields, as its owner would.

No error of ours, and money moves only within the ledger's rules. `FORMS=50000` posts so many times,
otherwise than in a build.
"""

import os
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders import ledger_check
from orders.models import Transfer
from tests.support.collecting import a_few_on_sqlite
from tests.support.everything import House, addresses, plant

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

POSTS = int(os.environ.get("FORMS", "0"))
PARTS = 4
EVERY = range(PARTS)

ODD = st.sampled_from(
    [
        *("", " ", "0", "-1", "1", "1.5", "1e9", "1e400", "NaN", "Infinity", "-Infinity", "٣", "½"),
        *("9" * 25, "-" + "9" * 25, "0." + "0" * 40 + "1", "999999999999.99999999", "2147483648"),
        *("x" * 5000, "a\nb\r\nc", "\u202eabc", "\x00", "\ud800", "\x1b[0m", "é" * 300, "💥"),
        *("<script>z()</script>", "' OR 1=1 --", "{{ 7 }}", "%s%n", "../../etc/passwd", "=1+1"),
        *("javascript:z()", "https://example.com/a", "//evil.example", "http://[::1", "@name"),
        *("on", "true", "null", "undefined", "[]", "{}", "USD", "UTC", "percent", "31/12/2030"),
        *("0001-01-01", "9999-12-31T23:59", "2026-02-30", "a@b.example", "a@" + "b" * 300),
    ]
)
TYPED = st.one_of(ODD, ODD, st.text(max_size=20), st.integers(-5, 10**12).map(str))
FILES = st.sampled_from([b"", b"\x00\xff" * 50, b"a,b\n1\n", b"\xef\xbb\xbfemail\nx@y.example\n"])


@dataclass(frozen=True)
class Form:
    """One address and the names of the fields that stand in its forms."""

    url: str
    names: tuple[str, ...]
    valued: tuple[tuple[str, str], ...]
    """Fields with a value of their own, as a person would send them."""


def fields_of(html: str) -> dict[str, str]:
    """What a browser would send from a page's forms, roughly."""
    found: dict[str, str] = {}

    class Fields(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            said = dict(attrs)
            if tag in ("input", "select", "textarea", "button") and said.get("name"):
                found.setdefault(str(said["name"]), said.get("value") or "")

    Fields().feed(html)
    return found


def forms_of(browser: Client, house: House, face: str) -> list[Form]:
    """Every address, also those that have no page: these get the names of all fields there are."""
    pages = {url: browser.get(url) for url in addresses(house, face)}
    fields = {
        url: fields_of(page.getvalue().decode())
        for url, page in pages.items()
        if page.status_code == 200 and page["Content-Type"].startswith("text/html")
    }
    every = tuple(sorted({name for found in fields.values() for name in found}))
    return [
        Form(url, tuple(fields.get(url, {})) or every, tuple(fields.get(url, {}).items()))
        for url in pages
    ]


@pytest.mark.parametrize("face", ["staff", "my"])
@pytest.mark.parametrize("part", EVERY if POSTS else a_few_on_sqlite(EVERY, (0,)))
def test_whatever_is_typed_is_answered(face: str, part: int) -> None:
    house = plant()
    browser = Client(raise_request_exception=False)
    person = house.owner.user if face == "staff" else house.customer.user
    assert person
    browser.force_login(person)
    forms = forms_of(browser, house, face)[part::PARTS]
    found: list[str] = []
    answered: Counter[int] = Counter()
    signed_in = deepcopy(browser.cookies)

    @settings(
        max_examples=POSTS // (2 * PARTS) or 40,
        deadline=None,
        derandomize=not POSTS,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def typed(data: st.DataObject) -> None:
        form = data.draw(st.sampled_from(forms))
        said: dict[str, Any] = dict(form.valued) if data.draw(st.booleans()) else {}
        hostile = st.dictionaries(st.sampled_from(form.names or ("x",)), TYPED, max_size=5)
        said |= data.draw(hostile)
        if data.draw(st.integers(0, 9)) == 0:
            said["file"] = SimpleUploadedFile("../a\u202e.csv", data.draw(FILES))
        for name in data.draw(st.sets(st.sampled_from(form.names or ("x",)), max_size=1)):
            said[name] = [said.get(name, ""), data.draw(ODD)]  # twice
        sent = {name: _sendable(value) for name, value in said.items()}
        browser.cookies = deepcopy(signed_in)  # a new session ends with what made it
        with transaction.atomic():
            before = Transfer.objects.count()
            answer = browser.post(form.url, sent)
            moved = Transfer.objects.count() - before
            answered[answer.status_code] += 1
            if answer.status_code >= 500:
                found.append(f"{form.url} {answer.status_code} {str(said)[:600]}")
            elif answer.status_code >= 400 and moved:
                found.append(f"{form.url} was refused and moved money: {str(said)[:600]}")
            if moved and ledger_check.check():
                found.append(f"{form.url} put the books out of order: {str(said)[:600]}")
            transaction.set_rollback(True)

    typed()
    assert answered[200] + answered[422] > answered.total() // 10, answered
    assert not found, f"{len(found)} faults\n" + "\n".join(sorted(found)[:12])


def _sendable(value: Any) -> Any:
    if isinstance(value, list):
        return [_sendable(one) for one in value]
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return value
