"""The operator's way in."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from orders import api_keys, moving_in
from orders.models import Customer, Offer, Service
from tests.orders.moving_in.conftest import customers_csv, services_csv

pytestmark = pytest.mark.django_db
KEY = "old-panel-key-zebra-77"


def said(*words: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command(*words, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.fixture
def services(tmp_path: Path, offer: Callable[..., Offer]) -> str:
    offer("11")
    path = tmp_path / "services.csv"
    path.write_bytes(services_csv("2104,Bulk,11,Likes,Instagram,1.5", "2105,Bulk,99,Gone,x,1"))
    return str(path)


@pytest.fixture
def customers(tmp_path: Path) -> str:
    path = tmp_path / "customers.csv"
    path.write_bytes(
        customers_csv(
            f"pat@shop.example,Pat,,12.5,28,{KEY}", "no address,Bad,,1,,", f"b@x,B,,,,{KEY}"
        )
    )
    return str(path)


def test_a_check_writes_nothing_and_the_run_does_what_it_said(services: str) -> None:
    out, err = said("import_services", services, "--check")
    assert out.startswith("Nothing is written. It would be: 2 rows: 1 came in, 1 not listed")
    assert "Line 3: Bulk does not list 99" in err
    assert not Service.objects.exists()

    assert said("import_services", services)[0].startswith("2 rows: 1 came in, 1 not listed")
    assert Service.objects.get().pk == 2104
    assert said("import_services", services)[0].startswith("2 rows: 1 were in already")


def test_programs_get_one_line(services: str) -> None:
    out, err = said("import_services", services, "--json")
    values = json.loads(out)
    assert out.count("\n") == 1 and err == ""
    assert (values["rows"], values["added"], values["unlisted"]) == (2, 1, 1)
    assert values["remarks"][0]["line"] == 3


def test_bad_rows_stay_out_and_the_command_fails_after_the_others_are_in(customers: str) -> None:
    out, err = StringIO(), StringIO()
    with pytest.raises(CommandError) as failure:
        call_command("import_customers", customers, stdout=out, stderr=err)
    assert str(failure.value) == "2 of 3 rows stay out. Correct them and run again."
    assert "3 rows: 1 came in, 1 API keys go on working, 2 stay out" in out.getvalue()
    assert "Line 3: Type an e-mail address" in err.getvalue()
    assert KEY[:10] not in out.getvalue() + err.getvalue()
    assert Customer.objects.get().email == "pat@shop.example"
    assert api_keys.find(KEY) is not None


def test_a_file_that_is_not_there_or_no_use_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        said("import_services", str(tmp_path / "none.csv"))
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n")
    with pytest.raises(CommandError, match="“a” that is not known"):
        said("import_customers", str(tmp_path / "bad.csv"))


def test_the_next_order_number() -> None:
    ahead = moving_in.next_order_number() + 500
    assert f"would be {ahead}" in said("set_next_order_number", str(ahead), "--check")[0]
    assert moving_in.next_order_number() < ahead
    line = said("set_next_order_number", str(ahead))[0]
    assert line.startswith(f"The next order is {ahead}; it was ")
    assert json.loads(said("set_next_order_number", str(ahead), "--json")[0])["before"] == ahead
    with pytest.raises(CommandError, match="only rise"):
        said("set_next_order_number", str(ahead - 1))
