"""Several cases of one disturbance: one decision, one reason, carried out case by case."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from orders import evidence, proposals, review
from orders.enums import Decision
from orders.errors import Declined, FieldErrors, LimitReached
from orders.models import Order, User
from orders.money import ZERO
from orders.people import Person, visible_orders
from panel.access import person, staff_required, user
from panel.htmx import render
from panel.staff.amounts import refusal_text
from panel.staff.orders import outcomes
from panel.staff.reviews import review_choices, review_looks, review_proposals, review_queue
from panel.staff.reviews.review_looks import OnEvidence, typed

ALONE = (Decision.FOUND, Decision.PARTIAL)
"""Decisions with something of its own to type for every case."""

MOVED_ON = gettext_lazy("It moved on in the meantime.")


class TogetherForm(OnEvidence):
    """One decision and one reason for the cases that were ticked."""

    decision = forms.ChoiceField(
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose what to do."),
            "invalid_choice": gettext_lazy(
                "This cannot be decided for all of them; look at them again."
            ),
        },
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        error_messages={"required": gettext_lazy("Say why; it is kept with every order.")},
    )

    def __init__(
        self, decisions: Iterable[Decision], data: QueryDict | None, *, only_shown: bool = False
    ):
        super().__init__(**({"initial": typed(data)} if only_shown and data else {"data": data}))
        choices = [(decision.value, decision.label) for decision in decisions]
        self.fields["decision"].choices = choices  # type: ignore[attr-defined]
        self.chosen = outcomes.numbers_in(data.getlist("case")) if data else set()

    def clean(self) -> None:
        if not self.chosen:
            self.add_error(None, _("Tick the cases that you decide."))


class Together:
    """The page: a group, its cases none of them ticked, and what can be decided for all."""

    def __init__(
        self,
        group: review_queue.Group,
        who: Person,
        data: QueryDict | None,
        *,
        only_shown: bool = False,
    ):
        self.group, self.decides, self.sees_cost = group, who.decides, who.sees_cost
        self._who = who
        self.form = TogetherForm(self._decisions, data, only_shown=only_shown)

    @cached_property
    def _orders(self) -> list[Order]:
        numbers = [case.number for case in self.group.cases]
        found = review.cases(self._who.user).select_related("customer", "provider")
        by_number = found.in_bulk(numbers)
        return [by_number[number] for number in numbers if number in by_number]

    @property
    def _decisions(self) -> list[Decision]:
        each = [set(review.choices(order)) for order in self._orders]
        shared = set.intersection(*each) if each else set()
        return [decision for decision in Decision if decision in shared and decision not in ALONE]

    @property
    def options(self) -> list[review_choices.Option]:
        chosen = self.form["decision"].value()
        return [review_choices.shared(decision, chosen) for decision in self._decisions]

    @property
    def rests_on_evidence(self) -> bool:
        return any(decision in review.ON_EVIDENCE for decision in self._decisions)

    @cached_property
    def look(self) -> review_looks.Look:
        """The evidence that was last read for all of them together."""
        found = evidence.latest(self._orders)
        last = [found[order.pk] for order in self._orders if order.pk in found]
        whole = len(last) == len(self._orders)
        oldest = min(last, key=lambda row: row.at) if last and whole else None
        return review_looks.of(oldest, self._who, timezone.now())

    @property
    def has_proposals(self) -> bool:
        return any(case.proposal for case in self.group.cases)

    def every(self) -> list[Order]:
        """The orders of all cases of the group."""
        return self._orders

    def chosen(self) -> list[Order]:
        """The orders that were ticked and still are cases of this group."""
        return [order for order in self._orders if order.pk in self.form.chosen]


@staff_required
def together(request: HttpRequest, number: int) -> HttpResponse:
    """The group in which this case stands; posted, one decision about those ticked."""
    who, data = person(request), request.POST if request.method == "POST" else None
    asked_for = {number} | outcomes.numbers_in(data.getlist("case") if data else [])
    group = review_queue.queue(who, timezone.now()).group_of(asked_for)
    if group is None:
        get_object_or_404(visible_orders(who), pk=number)
        messages.info(request, _("These cases have moved on."))
        return redirect("staff:review")
    looks = review_looks.asked(request)
    page = Together(group, who, data, only_shown=looks)
    if looks and (orders := page.every()):
        if declined := review_looks.carry_out(request, orders, timezone.now()):
            messages.error(request, declined)
    elif data is not None and page.form.is_valid() and who.decides:
        told = _carry_out(page, user(request))
        return render(request, "staff/decided_together.html", told)
    context = {"page": page, "number": number}
    status = 422 if page.form.errors else 200
    return render(request, "staff/together.html", context, status=status)


def _carry_out(page: Together, by: User) -> dict[str, Any]:
    """What became of each, and how much went back to clients in all."""
    decision = Decision(page.form.cleaned_data["decision"])
    said = page.form.cleaned_data
    ruling = review.Ruling(
        decision,
        said["reason"],
        by,
        seen_at=said["seen_at"],
        without_evidence=said["without_evidence"],
    )
    orders = page.chosen()
    before = sum((order.refunded for order in orders), ZERO)
    outcome = outcomes.carry_out(orders, lambda order: _decide(order, ruling), _WORDS)
    if gone := page.form.chosen - {order.pk for order in orders}:
        outcome.left.setdefault(str(MOVED_ON), []).extend(sorted(gone))
    after = Order.objects.filter(pk__in=[order.pk for order in orders]).aggregate(
        sum=Sum("refunded")
    )
    return {"outcome": outcome, "back": (after["sum"] or ZERO) - before}


def _decide(order: Order, ruling: review.Ruling) -> str:
    now = timezone.now()
    try:
        review.decide(order, ruling, now=now)
    except LimitReached as error:
        proposals.propose(order, ruling, now=now)
        raise Declined(review_proposals.told(error)) from error
    except FieldErrors as error:
        raise Declined(refusal_text(error)) from error
    return ruling.decision


_WORDS = outcomes.Words(
    gettext_lazy("Nothing was decided."),
    {
        Decision.SEND_ANEW: ngettext_lazy(
            "%(count)s order waiting, to be sent anew.",
            "%(count)s orders waiting, to be sent anew.",
            "count",
        ),
        Decision.GIVE_UP: ngettext_lazy(
            "%(count)s order given up and refunded.",
            "%(count)s orders given up and refunded.",
            "count",
        ),
        Decision.REFUND: ngettext_lazy(
            "%(count)s order refunded.", "%(count)s orders refunded.", "count"
        ),
        Decision.WAIT: ngettext_lazy(
            "%(count)s order waiting; they stay in the queue.",
            "%(count)s orders waiting; they stay in the queue.",
            "count",
        ),
        Decision.NOTHING_OWED: ngettext_lazy(
            "%(count)s order settled; nothing goes back.",
            "%(count)s orders settled; nothing goes back.",
            "count",
        ),
    },
)
