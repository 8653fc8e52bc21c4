"""Moving in by hand: look first, press once."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders import api_keys, moving_in, people
from orders.enums import ImportKind
from orders.models import Account, Customer, ImportFile, ImportLine, Service, Staff
from tests.support import factories
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db
KEY = "old-panel-key-zebra-77"
CLIENTS = (
    f"email,name,balance,api key\npat@shop.example,Pat,12.5,{KEY}\nno address,Bad,1,\n"
).encode()


@pytest.fixture
def owner() -> Staff:
    return factories.owner()


@pytest.fixture
def browser(owner: Staff) -> Client:
    browser = Client()
    browser.force_login(owner.user)
    return browser


def upload(browser: Client, name: str, content: bytes, follow: bool = True):
    file = SimpleUploadedFile("moved.csv", content)
    return browser.post(reverse(f"staff:{name}"), {"file": file}, follow=follow)


def begin(browser: Client, page: HttpResponse) -> str:
    """Press the button of a preview; the file's address."""
    url = page.redirect_chain[-1][0]
    browser.post(url, {"fingerprint": page.context["fingerprint"]})
    return url


def test_a_file_is_looked_at_begun_once_and_carried_out_in_the_background(browser: Client) -> None:
    page = upload(browser, "upload_clients", CLIENTS)
    html = page.content.decode()
    assert "Bring in 1 client<" in html
    assert "Type an e-mail address like" in html
    assert not Customer.objects.exists()
    assert KEY[:9] not in html + str(ImportFile.objects.values())

    url = begin(browser, page)
    begin(browser, page)
    assert not Customer.objects.exists()
    assert KEY[:9] not in str(ImportLine.objects.values())
    assert str(moving_in.go_on(NOW)) == "1 lines, 1 files ended"
    assert "What it did" in browser.get(url).content.decode()
    assert Account.objects.get(customer__isnull=False).balance == Decimal("12.5")
    assert api_keys.find(KEY) is not None
    assert ImportFile.objects.get().rows == []
    assert not ImportLine.objects.exclude(row=None).exists()


def test_the_page_shows_how_far_it_is_until_it_is_done(browser: Client) -> None:
    rows = "".join(f"c{n}@shop.example,{n}\n" for n in range(3))
    url = begin(browser, upload(browser, "upload_clients", f"email,balance\n{rows}".encode()))
    live = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "file-live"}
    moving_in.go_on(NOW, seconds=0)
    part = browser.get(url, **live)
    assert part.status_code == 200
    html = part.content.decode()
    assert '<progress class="t-accent mt1" max="3" value="1"' in html
    assert "<html" not in html and "No worker is running" in html
    listed = browser.get(reverse("staff:moving_in")).content.decode()
    assert "Coming in" in listed and 'hx-trigger="every 3s"' in listed

    moving_in.go_on(NOW)
    part = browser.get(url, **live)
    assert part.status_code == 286
    assert "<progress" not in part.content.decode()
    assert 'hx-trigger="every 3s"' not in browser.get(reverse("staff:moving_in")).content.decode()


def test_a_file_is_stopped_half_way_and_a_second_upload_brings_the_rest(browser: Client) -> None:
    content = b"email,balance\na@shop.example,1\nb@shop.example,2\n"
    url = begin(browser, upload(browser, "upload_clients", content))
    moving_in.go_on(NOW, seconds=0)
    html = browser.post(f"{url}stop/", follow=True).content.decode()
    assert "Stopped. 1 were still to come" in html
    assert str(moving_in.go_on(NOW)) == "0 lines, 0 files ended"
    assert Customer.objects.count() == 1
    begin(browser, upload(browser, "upload_clients", content))
    moving_in.go_on(NOW)
    assert Customer.objects.count() == 2
    assert ImportFile.objects.order_by("-pk")[0].counts == {"there": 1, "added": 1}


def test_results_are_a_sheet_that_runs_nothing(browser: Client) -> None:
    content = b"email,balance\npat@shop.example,-1\n=no,1\n"
    url = begin(browser, upload(browser, "upload_clients", content))
    before = sheet(browser, url)
    assert before[1].startswith("2,still to come,,")
    moving_in.go_on(NOW)
    lines = sheet(browser, url)
    assert lines[0].lstrip("\ufeff") == "line,what became of it,client,remarks"
    pat = Customer.objects.get()
    assert lines[1].startswith(f'2,came in,{pat.pk},"They owe 1.00.')
    assert lines[2].startswith("3,stayed out,,Type an e-mail address")


def sheet(browser: Client, url: str) -> list[str]:
    answer = browser.get(f"{url}results.csv")
    return b"".join(answer.streaming_content).decode().splitlines()


def test_a_line_that_changed_since_the_look_stays_out_and_is_told(browser: Client) -> None:
    content = b"email,balance\npat@shop.example,1\nola@shop.example,2\n"
    url = begin(browser, upload(browser, "upload_clients", content))
    people.add_customer(email="pat@shop.example", by=None, now=NOW)
    moving_in.go_on(NOW)
    html = browser.get(url).content.decode()
    assert "Changed since it was looked at" in html and "This is pat already" in html
    assert ImportFile.objects.get().counts == {"changed": 1, "added": 1}
    assert Account.objects.get(customer__email="pat@shop.example").balance == 0


def test_what_was_begun_by_somebody_who_is_no_admin_any_more_ends(
    browser: Client, owner: Staff
) -> None:
    admin = factories.admin()
    file = moving_in.keep(ImportKind.CUSTOMERS, "c.csv", CLIENTS, by=admin.user, now=NOW)
    moving_in.start(file, None, by=admin.user, now=NOW)
    Staff.objects.filter(pk=admin.pk).update(is_admin=False)
    moving_in.go_on(NOW)
    file.refresh_from_db()
    assert file.done_at is not None
    assert file.counts == {"wrong": 1, "stopped": 1}
    assert not Customer.objects.exists()


def test_when_something_changed_since_the_look_nothing_is_done(browser: Client) -> None:
    page = upload(browser, "upload_clients", CLIENTS)
    people.add_customer(email="pat@shop.example", by=None, now=NOW)
    url, said = page.redirect_chain[-1][0], {"fingerprint": page.context["fingerprint"]}
    html = browser.post(url, said, follow=True).content.decode()
    assert "Something has changed since you looked" in html
    assert "This is pat already" in html
    assert Account.objects.get(customer__isnull=False).balance == 0


def test_services_come_in_by_the_page(browser: Client) -> None:
    factories.panel_prices()
    factories.offer(factories.provider("Bulk"), upstream_id="11")
    content = b"number;provider;upstream id;name;category;price\n2104;Bulk;11;Likes;Insta;1,5\n"
    page = upload(browser, "upload_services", content)
    begin(browser, page)
    moving_in.go_on(NOW)
    assert Service.objects.get().pk == 2104


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "The file is empty."), (b"a,b\n1,2\n", "not known here"), (b"x" * 5_300_000, "larger")],
)
def test_what_is_no_use_is_said_at_the_field(browser: Client, content: bytes, words: str) -> None:
    answer = upload(browser, "upload_services", content)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not ImportFile.objects.exists()


def test_order_numbers_are_raised_and_a_lower_one_is_refused(browser: Client) -> None:
    ahead = moving_in.next_order_number() + 500
    url = reverse("staff:next_order")
    page = browser.post(url, {"number": str(ahead)}, follow=True)
    assert f"The next order has the number {ahead}." in page.content.decode()
    low = browser.post(url, {"number": str(ahead - 1)})
    assert low.status_code == 422
    assert "Order numbers only rise" in low.content.decode()


def test_an_admin_cannot_bring_in_below_the_floor_by_looking_as_the_owner(
    browser: Client, owner: Staff
) -> None:
    factories.panel_prices(floor="5")
    content = b"email,markup\npat@shop.example,1\n"
    page = upload(browser, "upload_clients", content)
    admin = Client()
    admin.force_login(factories.admin().user)
    url, said = page.redirect_chain[-1][0], {"fingerprint": page.context["fingerprint"]}
    admin.post(url, said)
    moving_in.go_on(NOW)
    assert not Customer.objects.exists()
    browser.post(url, said)
    moving_in.go_on(NOW)
    assert Customer.objects.count() == 1


def test_pages_take_as_many_queries_for_one_row_as_for_many(browser: Client, owner: Staff) -> None:
    counts = []
    for count in (1, 30):
        rows = "".join(f"c{count}-{n}@shop.example,-{n + 1}\n" for n in range(count))
        for number in range(count):
            content = f"email,balance\n{rows}".encode()
            kinds = ImportKind.CUSTOMERS, f"{number}.csv", content
            file = moving_in.keep(*kinds, by=owner.user, now=NOW)
        ran = moving_in.keep(*kinds, by=owner.user, now=NOW)
        moving_in.finish(moving_in.start(ran, None, by=owner.user, now=NOW), NOW)
        with CaptureQueriesContext(connection) as queries:
            browser.get(reverse("staff:moving_in"))
            browser.get(reverse("staff:moving_in_file", args=[file.pk]))
            browser.get(reverse("staff:moving_in_file", args=[ran.pk]))
            sheet(browser, reverse("staff:moving_in_file", args=[ran.pk]))
        counts.append(len(queries))
    assert counts[0] == counts[1]
