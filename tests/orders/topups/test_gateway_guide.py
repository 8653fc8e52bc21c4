"""The guide to adding a gateway, carried out: its module, as it stands there, is paid through."""

import hashlib
import hmac
import json
import sys
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest
import responses
from django.apps import apps
from django.db import connection
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders import ledger_check, topups
from orders.enums import TopUpStatus
from orders.gateways import GATEWAYS, BadNews
from orders.models import Account, Customer, PaymentMethod, TopUp
from panel.staff.topups import payment_methods
from tests.support import factories
from tests.support.guides import block, patched
from tests.support.migration_rules import dangers

pytestmark = pytest.mark.django_db

GUIDE = "add-a-gateway"
KEY, SECRET = "key-of-paylane-7a31", "secret-of-paylane-90dd"


class Paylane:
    """The gateway's own side: its payments, by our reference."""

    def __init__(self) -> None:
        self.payments: dict[str, dict[str, str]] = {}

    def begun(self, request: Any) -> tuple[int, dict[str, str], str]:
        assert request.headers["Authorization"] == f"Bearer {KEY}"
        asked = json.loads(request.body)
        fresh = {
            "id": f"p{len(self.payments) + 1}",
            "state": "open",
            "url": "https://pay.example/1",
        }
        made = self.payments.setdefault(asked["reference"], asked | fresh)
        return 200, {}, json.dumps(made)

    def asked(self, request: Any) -> tuple[int, dict[str, str], str]:
        number = request.url.rpartition("/")[2]
        found = [one for one in self.payments.values() if one["id"] == number]
        return 200, {}, json.dumps(found[0])

    def pay(self, **other: str) -> None:
        for payment in self.payments.values():
            payment |= {"state": "paid"} | other


def signed(body: bytes, *, secret: str = SECRET, ago: int = 0) -> dict[str, str]:
    stamp = str(int(timezone.now().timestamp()) - ago)
    told = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Paylane-Time": stamp, "Paylane-Signature": told}


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The guide's module and name, in their places."""
    module = ModuleType("orders.gateways.paylane")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(block(GUIDE, "python", "class Paylane"), module.__dict__)
    known = patched(GUIDE, "orders/gateways/__init__.py").GATEWAYS
    assert known.keys() - GATEWAYS.keys() == {"paylane"}
    monkeypatch.setitem(GATEWAYS, "paylane", known["paylane"])
    kinds = patched(GUIDE, "orders/enums/money.py").PaymentKind
    monkeypatch.setattr(payment_methods, "PaymentKind", kinds)
    monkeypatch.setattr(PaymentMethod._meta.get_field("kind"), "choices", kinds.choices)
    return module


@pytest.fixture
def paylane(module: ModuleType) -> Iterator[Paylane]:
    there = Paylane()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        wire.add_callback("POST", f"{module.URL}/payments", there.begun)
        for number in ("p1", "p2"):
            wire.add_callback("GET", f"{module.URL}/payments/{number}", there.asked)
        yield there


@pytest.fixture
def way(paylane: Paylane) -> PaymentMethod:
    kind = payment_methods.PaymentKind("paylane")
    terms: dict[str, Any] = {"name": "Paylane", "least": Decimal(5)}
    return topups.add_method(
        kind=kind, by=None, now=timezone.now(), key=KEY, secret=SECRET, **terms
    )


def begin(customer: Customer, way: PaymentMethod) -> TopUp:
    assert customer.user
    return topups.begin(
        customer,
        way,
        Decimal("20.50"),
        by=customer.user,
        now=timezone.now(),
        client_key="form",
        title="Balance",
        back="https://panel.example/my/top-up/{number}/",
    )


def balance(customer: Customer) -> Decimal | None:
    return Account.objects.get(customer=customer).balance


def test_it_is_paid_and_added_once(casa: Customer, way: PaymentMethod, paylane: Paylane) -> None:
    begun = begin(casa, way)
    assert begin(casa, way) == begun and len(paylane.payments) == 1
    assert begun.checkout_url == "https://pay.example/1"
    paylane.pay()
    (payment,) = paylane.payments.values()
    body = json.dumps(payment).encode()
    heard = [topups.hear(way, body, signed(body), timezone.now()) for _ in range(2)]
    assert heard == ["added", "settled before"]
    assert balance(casa) == Decimal("21.50")
    assert ledger_check.check() == []


def test_a_payment_whose_news_never_came_is_asked_about(
    casa: Customer, way: PaymentMethod, paylane: Paylane
) -> None:
    begin(casa, way)
    topups.follow(timezone.now() + timedelta(minutes=2))
    assert balance(casa) == Decimal(1)
    paylane.pay()
    TopUp.objects.update(asked_gateway_at=None)
    topups.follow(timezone.now() + timedelta(minutes=15))
    assert balance(casa) == Decimal("21.50")


def test_another_amount_waits_for_a_person(
    casa: Customer, way: PaymentMethod, paylane: Paylane
) -> None:
    begun = begin(casa, way)
    paylane.pay(amount="20.49")
    topups.look(begun, timezone.now())
    begun.refresh_from_db()
    assert (begun.status, balance(casa)) == (TopUpStatus.HELD, Decimal(1))


@pytest.mark.parametrize(
    "signing", [{"secret": "another"}, {"ago": 301}, {"ago": -301}], ids=["whose", "old", "early"]
)
def test_news_that_it_did_not_sign_just_now_is_not_believed(
    casa: Customer, way: PaymentMethod, paylane: Paylane, signing: dict[str, Any]
) -> None:
    begin(casa, way)
    paylane.pay()
    (payment,) = paylane.payments.values()
    body = json.dumps(payment).encode()
    with pytest.raises(BadNews):
        topups.hear(way, body, signed(body, **signing), timezone.now())
    with pytest.raises(BadNews):
        topups.hear(way, body + b" ", signed(body), timezone.now())
    for unreadable in (b"", b"[]", b"{}", b'{"amount": "NaN"}', b"[" * 100_000):
        with pytest.raises(BadNews):
            topups.hear(way, unreadable, signed(unreadable), timezone.now())
    assert balance(casa) == Decimal(1)


def test_it_is_added_on_the_page_with_its_own_words(client: Client, paylane: Paylane) -> None:
    client.force_login(factories.owner().user)
    words = GATEWAYS["paylane"].signposts
    assert words.button in client.get(reverse("staff:payment_methods")).text
    address = reverse("staff:new_payment_method") + "?kind=paylane"
    page = client.get(address).text
    assert words.key in page and words.secret in page
    terms = {"name": "Paylane", "least": "5", "fee_percent": "0", "fee_fixed": "0", "position": 0}
    answer = client.post(address, terms | {"key": KEY, "secret": SECRET}, follow=True)
    assert PaymentMethod.objects.get().kind == "paylane"
    assert words.news in answer.text and KEY not in answer.text


def test_the_migration_for_its_name_changes_no_row(module: ModuleType) -> None:
    loader = MigrationLoader(connection)
    before = loader.project_state()
    found = MigrationAutodetector(before, ProjectState.from_apps(apps)).changes(loader.graph)
    (migration,) = found["orders"]
    assert [operation.describe() for operation in migration.operations] == [
        "Alter field kind on paymentmethod"
    ]
    assert list(dangers(migration, before)) == []
