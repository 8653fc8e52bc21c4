"""The first run's markup and floor, with what they come to on a service while they are typed."""

from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from orders import panel_settings, rules, sql
from orders.enums import MarkupKind, PriceLevel
from orders.errors import Declined
from orders.models import Bound, MarkupRule
from panel.access import admin_required, user
from panel.staff.amounts import add_refusal
from panel.staff.pricing.rule_words import FIRST_RUN
from panel.staff.setup.setup import page
from panel.staff.setup.setup_example import Example, example
from panel.staff.setup.setup_forms import PricesForm


@admin_required
def setup_prices(request: HttpRequest) -> HttpResponse:
    """The form; to HTMX the example alone, at what is typed."""
    rule, bound = _rule(), _bound()
    by_percent = rule is not None and rule.kind == MarkupKind.PERCENT
    initial = {
        "markup": _plain(rule.value if rule and by_percent else rules.DEFAULT_MARKUP),
        "floor": _plain(bound.floor_percent if bound else rules.DEFAULT_FLOOR),
    }
    typed = request.POST if request.method == "POST" else request.GET
    form = PricesForm(typed if "markup" in typed else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            _save(form.cleaned_data, bound, request)
        except Declined as declined:
            add_refusal(form, declined)
        else:
            return redirect("staff:setup_staff")
    checked = form if request.method == "POST" else None
    context = {"form": form, "example": _shown(form)}
    return page(request, "prices", "prices", context, form=checked, parts=("prices-example",))


def _save(said: dict[str, Decimal], bound: Bound | None, request: HttpRequest) -> None:
    """The panel's markup and floor, in one transaction; its ceiling stays."""
    by, now = user(request), timezone.now()
    with sql.short_transaction():
        rules.set_markup(PriceLevel.PANEL, MarkupKind.PERCENT, said["markup"], by, now, FIRST_RUN)
        rules.set_bound(
            PriceLevel.PANEL,
            floor_percent=said["floor"],
            ceiling_percent=bound.ceiling_percent if bound else None,
            by=by,
            now=now,
            reason=FIRST_RUN,
        )
        panel_settings.settle("prices", by=by, now=now)


def _shown(form: PricesForm) -> Example | None:
    """None while what is typed is no pair of percentages."""
    if not form.is_bound:
        return example(Decimal(form.initial["markup"]), Decimal(form.initial["floor"]))
    return example(**form.cleaned_data) if form.is_valid() else None


def _rule() -> MarkupRule | None:
    return MarkupRule.objects.filter(level=PriceLevel.PANEL, ended_at=None).first()


def _bound() -> Bound | None:
    return Bound.objects.filter(level=PriceLevel.PANEL, ended_at=None).first()


def _plain(value: Decimal | None) -> str:
    """The digits there are: 28.5, not 28.50000000."""
    return "0" if value is None else f"{value.normalize():f}"
