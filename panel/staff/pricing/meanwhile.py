"""What moved between a preview and its saving, in sentences."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

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
    for model, words in ((MarkupRule, _rule_words), (Bound, _bound_words)):
        moved = Q(set_at__gt=since) | Q(ended_at__gt=since)
        for row in model.objects.filter(moved).select_related("set_by").order_by("-pk")[:MOST_TOLD]:
            who = str(row.set_by) if row.set_by else _("The operator")
            about = {"who": who, "subject": Scope.of(row).subject}
            told.append(words(row.ended_at is not None) % about)
    return told


def _rule_words(has_ended: bool) -> str:
    if has_ended:
        return _("Somebody ended or replaced the rule of %(subject)s.")
    return _("%(who)s set the rule of %(subject)s.")


def _bound_words(has_ended: bool) -> str:
    if has_ended:
        return _("Somebody ended or replaced the bound of %(subject)s.")
    return _("%(who)s set the bound of %(subject)s.")


def _costs(preview: rules.Preview, since: datetime) -> list[str]:
    ids = [line.service for line in preview.lines]
    moved = Service.objects.filter(offer__rate_changed_at__gt=since, is_visible=True)
    numbers = [n for n in moved.order_by("pk").values_list("pk", flat=True) if n in set(ids)]
    if not numbers:
        return []
    named = ", ".join(str(number) for number in numbers[:MOST_TOLD])
    more = len(numbers) - MOST_TOLD
    if more <= 0:
        return [_("The cost of %(services)s moved.") % {"services": named}]
    words = _("The cost of %(services)s and %(count)s more moved.")
    return [words % {"services": named, "count": count(more)}]


def _terms(since: datetime) -> list[str]:
    """Changes of a provider's exchange rate or factor, and of the panel's own terms."""
    entries = AuditEntry.objects.filter(
        at__gt=since, action__in=("provider.changed", "panel.changed")
    ).order_by("-pk")
    return [
        _("%(subject)s: %(fields)s changed.")
        % {"subject": entry.subject, "fields": ", ".join(entry.after)}
        for entry in entries.select_related("person")[:MOST_TOLD]
    ]
