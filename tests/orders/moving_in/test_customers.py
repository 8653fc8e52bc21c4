"""Clients come in with what they are owed, their markup and their keys."""

import logging
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders import api_keys, ledger_check, moving_in, people, wallets
from orders.enums import AccountKind, ImportKind, PriceLevel, TransferKind
from orders.errors import NotAllowed, StateChanged
from orders.models import Account, ApiKey, AuditEntry, Customer, MarkupRule, Transfer, User
from orders.moving_in import Report, customers
from tests.orders.moving_in.conftest import customers_csv
from tests.support import factories
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db
KIND = ImportKind.CUSTOMERS
KEY = "9c1f0a77-Old_Panel+key/=="


def bring(*rows: str, by: User | None = None, **more: str) -> Report:
    file = moving_in.read_customers(customers_csv(*rows))
    return moving_in.carry_out(KIND, file, by=by, now=NOW, **more)


def told(report: Report) -> dict[int, str]:
    return {remark.line: remark.text for remark in report.remarks}


def balances() -> dict[str, Decimal | None]:
    wallets = Account.objects.filter(kind=AccountKind.WALLET).select_related("customer")
    return {wallet.customer.name: wallet.balance for wallet in wallets if wallet.customer}


def test_a_client_comes_in_with_all_that_is_theirs() -> None:
    owner = factories.owner().user
    report = bring(f"Pat@Shop.example,Pat Lee,+44 20 7946 0018,12.34,28.5,{KEY}", by=owner)

    assert report.fates == {"added": 1, "keys": 1}
    pat = Customer.objects.get()
    assert (pat.name, pat.email, pat.phone) == ("Pat Lee", "pat@shop.example", "442079460018")
    transfer = Transfer.objects.select_related("source", "target").get()
    assert (transfer.kind, transfer.amount) == (TransferKind.IMPORT, Decimal("12.34"))
    assert (transfer.source.kind, transfer.target.customer_id) == (AccountKind.OPENING, pat.pk)
    rule = MarkupRule.objects.get(level=PriceLevel.CUSTOMER, ended_at=None)
    assert (rule.customer_id, rule.value, rule.set_by) == (pat.pk, Decimal("28.5"), owner)
    found = api_keys.find(KEY)
    assert found is not None and found.customer == pat
    assert ledger_check.check() == []


def test_a_sign_in_without_a_password_is_made_for_an_address() -> None:
    bring("pat@shop.example,Pat,,0,,", ",By phone,+44 20 7946 0018,0,,")
    pat, other = Customer.objects.order_by("pk")
    assert pat.user is not None and not pat.user.has_usable_password()
    assert (pat.user.email, other.user) == ("pat@shop.example", None)


def test_the_key_is_nowhere_but_in_the_file(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    file = moving_in.read_customers(customers_csv(f"pat@shop.example,Pat,,1,,{KEY}"))
    report = moving_in.carry_out(KIND, file, by=None, now=NOW)
    kept = [list(model.objects.values()) for model in (ApiKey, AuditEntry, Customer)]
    assert KEY[:9] not in f"{file!r}{file.to_json()}{report}{kept}{caplog.text}"
    assert api_keys.hash_of(KEY) == ApiKey.objects.get().key_hash


@pytest.mark.parametrize(
    "key", ["abcdefgh", "k" * 200, "0123456789abcdef" * 4, "ключ-от-панели", "a.b-c_d~e+f/g="]
)
def test_keys_of_any_length_and_alphabet_go_on_working(key: str) -> None:
    bring(f"pat@shop.example,Pat,,0,,{key}")
    found = api_keys.find(key)
    assert found is not None
    assert len(found.prefix) <= max(1, len(key) // 4)


def test_a_key_that_somebody_has_is_refused_and_not_repeated() -> None:
    casa = factories.customer("Casa")
    api_keys.make(casa, "Shop", by=None, now=NOW, key=KEY)
    report = bring(f"pat@shop.example,Pat,,5,,{KEY}")
    assert report.fates == {"wrong": 1}
    assert f"in use by client {casa.pk}" in told(report)[2]
    assert KEY[:9] not in str(report)
    assert Customer.objects.count() == 1


def test_running_twice_never_doubles_and_a_changed_balance_is_told() -> None:
    row = f"pat@shop.example,Pat,,10,20,{KEY}"
    bring(row)
    trail = AuditEntry.objects.filter(action="customer.moved_in")
    assert bring(row).fates == {"there": 1}
    report = bring(row.replace(",10,", ",15,"))

    assert "came in with 10.00; the file now says 15.00" in told(report)[2]
    assert balances() == {"Pat": Decimal(10)}
    assert (Transfer.objects.count(), ApiKey.objects.count()) == (1, 1)
    assert trail.count() == 1


def test_a_balance_that_was_nothing_is_not_posted_later() -> None:
    bring("pat@shop.example,Pat,,0,,")
    report = bring("pat@shop.example,Pat,,7,,")
    assert "came in with 0.00" in told(report)[2]
    assert balances() == {"Pat": Decimal(0)}


def test_who_owes_comes_in_below_zero_and_the_books_hold() -> None:
    report = bring("pat@shop.example,Pat,,-3.5,,")
    assert report.fates == {"added": 1, "owing": 1}
    assert "owe 3.50" in told(report)[2]
    assert balances() == {"Pat": Decimal("-3.5")}
    assert Customer.objects.get().credit_limit == 0
    assert ledger_check.check() == []


def test_a_client_who_is_here_already_gets_what_is_missing() -> None:
    factories.panel_prices()
    casa = people.add_customer(name="Casa", email="casa@shop.example", by=None, now=NOW)
    wallets.adjust(casa, Decimal(2), by=None, now=NOW, reason="Before")
    report = bring(f"CASA@shop.example,Other name,,10,25,{KEY}")

    assert report.fates == {"joined": 1, "keys": 1}
    assert balances() == {"Casa": Decimal(12)}
    assert MarkupRule.objects.filter(customer=casa, value=25).exists()
    assert api_keys.find(KEY) is not None


def test_clashes_are_told_and_the_others_come_in() -> None:
    factories.customer("Casa", email="casa@shop.example", phone="4722410730")
    member = factories.staff("Mira").user
    report = bring(
        "pat@shop.example,Pat,+47 22 41 07 30,1,,",
        f"{member.email},Mira,,1,,",
        "fine@shop.example,Fine,,1,,",
    )
    assert report.fates == {"wrong": 2, "added": 1}
    assert "is that of client" in told(report)[2]
    assert "signs in with this e-mail address already" in told(report)[3]
    assert set(balances()) == {"Casa", "Fine"}


def test_a_markup_below_the_floor_is_the_owners() -> None:
    factories.panel_prices(floor="5")
    row = "pat@shop.example,Pat,,1,3,"
    assert "only the owner" in told(bring(row, by=factories.admin().user))[2]
    assert bring(row, by=factories.owner().user).fates == {"added": 1}


def test_only_admins_bring_clients_in() -> None:
    with pytest.raises(NotAllowed):
        bring("pat@shop.example,Pat,,1,,", by=factories.staff(sees_all_customers=True).user)


def test_a_client_added_since_the_look_stops_it() -> None:
    file = moving_in.read_customers(customers_csv("pat@shop.example,Pat,,1,,"))
    seen = moving_in.look_at(KIND, file, by=None).fingerprint
    people.add_customer(email="pat@shop.example", by=None, now=NOW)
    with pytest.raises(StateChanged):
        moving_in.carry_out(KIND, file, by=None, now=NOW, fingerprint=seen)
    assert not Transfer.objects.exists()


def test_a_row_with_an_error_of_ours_leaves_nothing_and_the_others_come_in(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pays = customers._open

    def fails_for_pat(pairs: Any, *more: Any) -> None:
        assert pairs[0][0].name != "Pat", KEY
        pays(pairs, *more)

    rows = f"pat@shop.example,Pat,,5,,{KEY}", "ola@shop.example,Ola,,7,,"
    with monkeypatch.context() as patch:
        patch.setattr(customers, "_open", fails_for_pat)
        report = bring(*rows)
    assert report.fates == {"wrong": 1, "added": 1}
    assert "a mistake of the panel" in told(report)[2]
    assert balances() == {"Ola": Decimal(7)} and User.objects.count() == 1
    assert KEY not in caplog.text and "pat@" not in caplog.text
    assert bring(*rows).fates == {"added": 1, "keys": 1, "there": 1}
    assert balances() == {"Pat": Decimal(5), "Ola": Decimal(7)}


def test_a_look_takes_no_more_queries_for_many_rows_and_each_row_as_many_as_the_first() -> None:
    looks, counts = [], []
    for span in (range(2), range(2, 22)):
        rows = [f"c{n}@shop.example,C{n},,{n},20,{KEY}{n}" for n in span]
        with CaptureQueriesContext(connection) as queries:
            moving_in.look_at(KIND, moving_in.read_customers(customers_csv(*rows)), by=None)
        looks.append(len(queries))
        with CaptureQueriesContext(connection) as queries:
            assert bring(*rows).fates["added"] == len(span)
        counts.append(len(queries))
    assert looks[0] == looks[1]
    each = (counts[1] - counts[0]) / 18
    assert each <= 32
