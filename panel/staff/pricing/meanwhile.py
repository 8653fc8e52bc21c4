"""What moved between a preview and its saving, in sentences."""

from datetime import datetime

from django.db.models import Q

from orders import rules
from orders.models import AuditEntry, Bound, MarkupRule, Service
from orders.rules import Scope
from panel.display import count

MOST_TOLD = 5


def meanwhile(preview: rules.Preview, since: datetime) -> list[str]:
    """Rules that were set or ended, costs and terms that moved since then. Five queries."""
    return [*_rules(since), *_costs(preview, since), *_terms(since)]


def _rules(since: datetime) -> list[str]:
    told = []
    for model, noun in ((MarkupRule, "rule"), (Bound, "bound")):
        moved = Q(set_at__gt=since) | Q(ended_at__gt=since)
        for row in model.objects.filter(moved).select_related("set_by").order_by("-pk")[:MOST_TOLD]:
            who = str(row.set_by) if row.set_by else "The operator"
            did = "set" if row.ended_at is None else "ended or replaced"
            by = f"{who} {did}" if row.ended_at is None else f"Somebody {did}"
            told.append(f"{by} the {noun} of {Scope.of(row).subject}.")
    return told


def _costs(preview: rules.Preview, since: datetime) -> list[str]:
    ids = [line.service for line in preview.lines]
    moved = Service.objects.filter(offer__rate_changed_at__gt=since, is_visible=True)
    numbers = [n for n in moved.order_by("pk").values_list("pk", flat=True) if n in set(ids)]
    if not numbers:
        return []
    named = ", ".join(str(number) for number in numbers[:MOST_TOLD])
    more = f" and {count(len(numbers) - MOST_TOLD)} more" if len(numbers) > MOST_TOLD else ""
    return [f"The cost of {named}{more} moved."]


def _terms(since: datetime) -> list[str]:
    """Changes of a provider's exchange rate or factor, and of the panel's own terms."""
    entries = AuditEntry.objects.filter(
        at__gt=since, action__in=("provider.changed", "panel.changed")
    ).order_by("-pk")
    return [
        f"{entry.subject}: {', '.join(entry.after)} changed."
        for entry in entries.select_related("person")[:MOST_TOLD]
    ]
