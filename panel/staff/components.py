"""The component page: every part once, in the states that matter, for whoever builds a page."""

from datetime import timedelta
from decimal import Decimal

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from panel import charts, icons
from panel.access import staff_required

_REVENUE = (286, 310, 298, 344, 371, 352, 388, 402, 379, 431, 448, 420, 466, 413)
_COLOURS = (
    *("canvas", "surface", "raised", "sunken", "line", "line-2", "ink", "ink-2", "ink-3"),
    *("accent", "accent-ink", "copper", "copper-ink", "green", "green-ink", "amber", "amber-ink"),
    *("red", "red-ink", "violet", "violet-ink", "grey", "trough", "copper-fill", "green-fill"),
)
_COST = (207, 224, 214, 249, 268, 252, 281, 289, 275, 310, 323, 302, 337, 298)


class SampleForm(forms.Form):
    """Fields in the states that matter: right, wrong, with a unit, of every shape."""

    link = forms.URLField(label="Link", assume_scheme="https")
    quantity = forms.IntegerField(label="Quantity", min_value=100)
    every = forms.IntegerField(label="Every")
    device = forms.ChoiceField(label="Device", choices=[("d", "Desktop"), ("m", "Mobile")])
    comments = forms.CharField(label="Comments", widget=forms.Textarea(attrs={"rows": 3}))
    markup = forms.ChoiceField(
        label="Markup",
        choices=[("mine", "Mine, 35 %"), ("rule", "Service rule, 28 %"), ("typed", "Typed")],
        widget=forms.RadioSelect,
    )
    again = forms.BooleanField(label="Order it all the same", required=False)
    drip = forms.BooleanField(label="Drip-feed", required=False)
    locked = forms.CharField(label="Currency", disabled=True, required=False, initial="USD")


@staff_required
def components(request: HttpRequest) -> HttpResponse:
    """Show every component with sample values; reads no table."""
    return render(request, "staff/components.html", _context())


def _context() -> dict[str, object]:
    days = [
        charts.Day(str(10 + i), f"{10 + i} November", Decimal(revenue), Decimal(cost))
        for i, (revenue, cost) in enumerate(zip(_REVENUE, _COST, strict=True))
    ]
    return {
        "halves": [{"side": side, "form": _form(side)} for side in ("light", "dark")],
        "colours": _COLOURS,
        "icon_names": (
            "layout-dashboard",
            "list-ordered",
            "circle-help",
            "users",
            "layers",
            "plug",
        ),
        "states": list(icons.COINS)[:15],
        "asked": list(icons.COINS)[15:],
        "happened": _happened(),
        "days": days,
        "figures": _figures(),
        "stages": _stages(),
        "splits": _splits(),
    }


def _form(side: str) -> SampleForm:
    form = SampleForm(
        auto_id=f"{side}_%s",
        data={
            "link": "https://instagram.com/ateliernord",
            "quantity": "60",
            "every": "60",
            "device": "d",
            "comments": "So good\nLove it",
            "markup": "mine",
            "again": True,
            "drip": True,
        },
    )
    form.fields["quantity"].error_messages["min_value"] = "At least 100 for this service"
    form.fields["quantity"].validators[-1].message = "At least 100 for this service"  # type: ignore[attr-defined]
    return form


def _happened() -> list[dict[str, object]]:
    now = timezone.now()
    rows = (
        ("green", "check", "Accepted upstream as 90311845", "answered in 412 ms", 7),
        ("grey", "send", "Sent to Bulkhaus", "submission 1, worker 2", 8),
        ("grey", "user", "Placed by Mira Kovač", "", 16),
    )
    return [
        {
            "tone": tone,
            "icon": icon,
            "title": title,
            "text": text,
            "moment": now - timedelta(seconds=s),
        }
        for tone, icon, title, text, s in rows
    ]


def _figures() -> list[dict[str, object]]:
    rows = (
        ("Revenue", "accent", "412.8930", "18.2 %", "up", True, "from $349.31"),
        ("Upstream charge", "copper", "298.0417", "12.9 %", "up", None, "coverage 97.4 %"),
        ("Profit", "green", "114.8513", "29.1 %", "up", True, "margin 27.8 %"),
        ("Paid back", "violet", "9.1080", "0.3 points", "up", False, "1.7 % of revenue"),
    )
    names = ("label", "tone", "amount", "change", "direction", "good", "note")
    return [
        dict(zip(names, row, strict=True)) | {"spark": [n % 7 + n for n in range(12)]}
        for row in rows
    ]


def _stages() -> list[dict[str, str]]:
    rows = (
        ("copper", "Cost rate", "Bulkhaus, per 1000", "1.24", "EUR"),
        ("copper", "Exchange", "× 1.0850 USD for EUR", "1.3454", "USD"),
        ("copper", "Top-up fee", "× 1.0150", "1.3656", "USD"),
        ("green", "Markup", "35 %, your own", "1.8435", "USD"),
        ("", "Rounded up", "to the next $0.0010", "1.844", "USD"),
        ("", "Quantity", "5 runs × 1,000 ÷ 1000 = 5", "9.22", "USD"),
    )
    names = ("tone", "label", "note", "amount", "currency")
    return [dict(zip(names, row, strict=True)) for row in rows]


def _splits() -> list[dict[str, object]]:
    rows = (
        ("6.8279", "9.22", "healthy, the stroke is the floor"),
        ("8.91", "9.4", "below the floor"),
        ("3.9044", "3.8", "below cost"),
    )
    return [
        {"cost": cost, "price": price, "floor": Decimal(cost) * Decimal("1.12"), "words": words}
        for cost, price, words in rows
    ]
