"""An empty panel: its code, its one owner, and what is said as long as there is none."""

import json
from datetime import datetime
from io import StringIO

import pytest
import structlog
from django.core.management import CommandError, call_command
from django.test import override_settings

from orders import first_run, people
from orders.errors import FieldErrors
from orders.models import AuditEntry, Staff, User
from tests.support import factories
from tests.support.threads import at_once

PASSWORD = "a long enough word 71"


def become(now: datetime, code: str = "", **said: str) -> Staff:
    values = {"email": "ada@example.com", "password": PASSWORD, "name": "Ada Lindqvist"} | said
    return first_run.make_owner(code or first_run.setup_code(), **values, now=now)


@pytest.mark.django_db
class TestOwner:
    def test_the_code_makes_the_owner_once(self, now: datetime) -> None:
        ada = become(now)
        assert ada.is_owner and ada.is_admin and ada.user.check_password(PASSWORD)
        assert AuditEntry.objects.get().action == "staff.added"
        with pytest.raises(first_run.OwnerThere):
            become(now, email="eve@example.com")
        assert User.objects.count() == 1

    @pytest.mark.parametrize("code", ["wrong", "AAAA-AAAA-AAAA", "-", "кккк"])
    def test_another_code_makes_nobody(self, code: str, now: datetime) -> None:
        with pytest.raises(FieldErrors) as refused:
            become(now, code)
        assert set(refused.value.errors) == {"code"}
        assert not User.objects.exists()

    def test_it_is_taken_as_people_type_it(self, now: datetime) -> None:
        typed = first_run.setup_code().lower().replace("-", " ")
        assert become(now, f" {typed} ").is_owner

    @pytest.mark.parametrize(
        ("field", "value"), [("password", "short"), ("email", "no address"), ("name", " ")]
    )
    def test_what_is_wrong_is_said_at_its_field(
        self, field: str, value: str, now: datetime
    ) -> None:
        with pytest.raises(FieldErrors) as refused:
            become(now, **{field: value})
        assert set(refused.value.errors) == {field}
        assert not User.objects.exists()

    def test_staff_without_an_owner_do_not_end_it_and_an_owner_does(self) -> None:
        assert first_run.is_empty()
        factories.staff()
        assert first_run.awaits_owner() and not first_run.is_empty()
        factories.owner()
        assert not first_run.awaits_owner()

    def test_whoever_comes_second_is_not_made_an_admin(
        self, now: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        factories.owner()
        monkeypatch.setattr(first_run, "awaits_owner", lambda: True)  # as it looked a moment ago
        with pytest.raises(first_run.OwnerThere):
            become(now)
        assert Staff.objects.count() == User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_owner(now: datetime) -> None:
    names = ("ada", "eve", "mallory")
    results = at_once(*(lambda n=n: become(now, email=f"{n}@example.com") for n in names))
    assert sum(isinstance(result, Staff) for result in results) == 1, results
    assert sum(isinstance(result, first_run.OwnerThere) for result in results) == 2
    assert Staff.objects.count() == User.objects.count() == 1


@pytest.mark.django_db
class TestCode:
    def test_it_is_the_same_in_every_process_and_another_under_another_key(self) -> None:
        code = first_run.setup_code()
        assert code == first_run.setup_code()
        assert [len(group) for group in code.split("-")] == [4, 4, 4]
        with override_settings(SECRET_KEY="another" * 10):
            assert first_run.setup_code() != code

    def test_the_command_shows_it_until_there_is_an_owner(self) -> None:
        out = StringIO()
        call_command("setup_code", stdout=out)
        assert first_run.setup_code() in out.getvalue()
        out = StringIO()
        call_command("setup_code", "--json", stdout=out)
        assert json.loads(out.getvalue()) == {"code": first_run.setup_code()}
        people.add_staff(email="a@example.com", password=PASSWORD, is_admin=True, now=factories.NOW)
        with pytest.raises(CommandError, match="has its owner"):
            call_command("setup_code")

    def test_migrate_writes_it_into_the_log_until_there_is_an_owner(self) -> None:
        with structlog.testing.capture_logs() as lines:
            call_command("migrate", verbosity=0)
        assert [line["code"] for line in lines] == [first_run.setup_code()]
        factories.owner()
        with structlog.testing.capture_logs() as lines:
            call_command("migrate", verbosity=0)
        assert lines == []
