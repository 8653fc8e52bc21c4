"""Who manages which clients: one member's list, and giving clients to somebody, few or many."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext

from orders import managing, rules
from orders.errors import Declined
from orders.models import Customer, Staff
from orders.people import Person, search_customers
from panel import paginator
from panel.access import admin_required, person, user
from panel.display import count
from panel.htmx import render
from panel.staff.amounts import add_refusal
from panel.staff.clients.client_rows import shown_phone
from panel.staff.people import price_moves
from panel.staff.people.people_forms import HeirForm, SeenForm
from panel.staff.people.people_rows import member_of

INVALID = 422
MOST_FOUND = 50
WHOSE = {
    "theirs": gettext_lazy("Theirs"),
    "nobody": gettext_lazy("Nobody's"),
    "others": gettext_lazy("Others'"),
}


@dataclass(frozen=True)
class Row:
    """One client, and who manages them now."""

    number: int
    name: str
    contact: str
    manager: str


class ClientsPage:
    """A member's clients, or those whom they could take over; found by page or by a search."""

    def __init__(self, staff: Staff, who: Person, query: QueryDict):
        self.staff, self._who, self._query = staff, who, query
        self.number, self.name = staff.pk, staff.name
        self.text = query.get("q", "").strip()[:200]
        of = query.get("of", "")
        self.of = of if of in WHOSE else "theirs"
        self.url = reverse("staff:member_clients", args=[staff.pk])

    @property
    def choices(self) -> list[dict[str, Any]]:
        """Whose clients are listed."""
        return [
            {"label": label, "url": f"{self.url}?of={slug}", "current": slug == self.of}
            for slug, label in WHOSE.items()
        ]

    @cached_property
    def page(self) -> paginator.Page[Customer]:
        """One page of the list; of a search the first hits, by name."""
        if self.text:
            hits = search_customers(self._who, self.text, MOST_FOUND, within=self._listed)
            return paginator.Page(hits, "", "")
        return paginator.page(self._listed.select_related("manager__user"), self._query)

    @property
    def cut(self) -> bool:
        """Whether a search may have found more than is listed."""
        return bool(self.text) and len(self.page.rows) == MOST_FOUND

    @cached_property
    def rows(self) -> list[Row]:
        return [row_of(client) for client in self.page.rows]

    @property
    def heir(self) -> Any:
        """Whom the ticked ones go to: this member, unless they are theirs already."""
        if self.of == "theirs" or not self.staff.user.is_active:
            return HeirForm(but=self.staff)["heir"]
        return HeirForm({"heir": self.number})["heir"]

    @property
    def _listed(self) -> QuerySet[Customer]:
        clients = Customer.objects.all()
        if self.of == "theirs":
            return clients.filter(manager=self.staff)
        if self.of == "nobody":
            return clients.filter(manager=None)
        return clients.exclude(manager=None).exclude(manager=self.staff)


class AssignPage:
    """Clients who are to change hands, and what they would pay; nothing is written.

    `client` names them, up to a hundred; or `of` the member all of whose clients they are.
    """

    def __init__(self, said: QueryDict):
        self.numbers = [int(text) for text in said.getlist("client") if _is_number(text)]
        giver = said.get("of", "")
        self.giver = member_of(int(giver)) if _is_number(giver) else None
        self.form = HeirForm(said, but=self.giver)

    @property
    def is_mixed(self) -> bool:
        """Whether they have been several managers' clients, as far as the biggest moves tell."""
        return len({move.whose for move in self.moves}) > 1

    @property
    def too_many(self) -> bool:
        return self.giver is None and len(self.numbers) > managing.MOST_AT_ONCE

    @cached_property
    def clients(self) -> QuerySet[Customer]:
        if self.giver is not None:
            return Customer.objects.filter(manager=self.giver)
        return Customer.objects.filter(pk__in=self.numbers[: managing.MOST_AT_ONCE])

    @cached_property
    def heir(self) -> Staff | None:
        return self.form.cleaned_data.get("heir") if self.form.is_valid() else None

    @cached_property
    def handing(self) -> rules.Handing | None:
        if not self.form.is_valid() or not self.clients.exists():
            return None
        return rules.handing(self.clients, self.heir.pk if self.heir else None)

    @cached_property
    def moves(self) -> list[price_moves.Row]:
        return price_moves.of_handing(self.handing) if self.handing else []

    @cached_property
    def named(self) -> list[Row]:
        """The first of them."""
        found = self.clients.select_related("manager__user").order_by("name", "pk")
        return [row_of(client) for client in found[:8]]

    @cached_property
    def unnamed(self) -> int:
        """How many more there are than those who are named; counted to a thousand."""
        return max(0, paginator.count_up_to(self.clients) - len(self.named))

    @property
    def back_url(self) -> str:
        if self.giver is not None:
            return reverse("staff:member_clients", args=[self.giver.pk])
        if len(self.numbers) == 1:
            return reverse("staff:client", args=self.numbers)
        return reverse("staff:people")


@admin_required
def member_clients(request: HttpRequest, number: int) -> HttpResponse:
    """The clients of one member; to HTMX only the table."""
    page = ClientsPage(member_of(number), person(request), request.GET)
    return render(request, "staff/people_clients.html", {"page": page}, parts=("clients-table",))


@admin_required
def assign_clients(request: HttpRequest) -> HttpResponse:
    """What clients would pay under another manager; by POST, giving them."""
    is_press = request.method == "POST"
    page = AssignPage(request.POST if is_press else request.GET)
    form = SeenForm(request.POST if is_press else None)
    if is_press and page.handing is not None and form.is_valid() and _given(request, page, form):
        return redirect(page.back_url)
    context = {"page": page, "form": form, "most": managing.MOST_AT_ONCE}
    status = INVALID if is_press else 200
    return render(request, "staff/assign_clients.html", context, status=status)


def _given(request: HttpRequest, page: AssignPage, form: SeenForm) -> bool:
    said = form.cleaned_data | {"by": user(request), "now": timezone.now()}
    try:
        if page.giver is not None:
            moved = managing.hand_over(page.giver, page.heir, **said)
        else:
            moved = managing.assign(page.numbers, page.heir, **said)
    except Declined as error:
        add_refusal(form, error)
        return False
    messages.success(request, _told(moved, page.heir))
    return True


def _told(moved: int, heir: Staff | None) -> str:
    if heir is None:
        words = ngettext(
            "%(count)s client went to nobody. Open orders keep their price.",
            "%(count)s clients went to nobody. Open orders keep their price.",
            moved,
        )
        return words % {"count": count(moved)}
    words = ngettext(
        "%(count)s client went to %(name)s. Open orders keep their price.",
        "%(count)s clients went to %(name)s. Open orders keep their price.",
        moved,
    )
    return words % {"count": count(moved), "name": heir.name}


def row_of(client: Customer) -> Row:
    """A client for a list."""
    contact = " · ".join(filter(None, (shown_phone(client.phone), client.email)))
    return Row(client.pk, client.name, contact, client.manager.name if client.manager else "")


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) < 19
