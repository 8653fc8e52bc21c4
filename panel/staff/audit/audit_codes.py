"""What the trail's codes of statuses, decisions and pauses are called."""

from django.utils.translation import pgettext_lazy

CODED = frozenset({"status", "decision", "pause"})
"""The values that are codes."""

CODES = {
    "accepted": pgettext_lazy("a value in the audit trail", "accepted"),
    "added": pgettext_lazy("a value in the audit trail", "added"),
    "below_floor": pgettext_lazy("a value in the audit trail", "below floor"),
    "canceled": pgettext_lazy("a value in the audit trail", "canceled"),
    "charged_more": pgettext_lazy("a value in the audit trail", "charged more"),
    "checkout": pgettext_lazy("a value in the audit trail", "checkout"),
    "closed": pgettext_lazy("a value in the audit trail", "closed"),
    "completed": pgettext_lazy("a value in the audit trail", "completed"),
    "cost_rose": pgettext_lazy("a value in the audit trail", "cost rose"),
    "declined": pgettext_lazy("a value in the audit trail", "declined"),
    "done": pgettext_lazy("a value in the audit trail", "done"),
    "expired": pgettext_lazy("a value in the audit trail", "expired"),
    "failed": pgettext_lazy("a value in the audit trail", "failed"),
    "found": pgettext_lazy("a value in the audit trail", "found"),
    "give_up": pgettext_lazy("a value in the audit trail", "give up"),
    "gone": pgettext_lazy("a value in the audit trail", "gone"),
    "held": pgettext_lazy("a value in the audit trail", "held"),
    "in_progress": pgettext_lazy("a value in the audit trail", "in progress"),
    "nothing_owed": pgettext_lazy("a value in the audit trail", "nothing owed"),
    "open": pgettext_lazy("a value in the audit trail", "open"),
    "partial": pgettext_lazy("a value in the audit trail", "partial"),
    "pending": pgettext_lazy("a value in the audit trail", "pending"),
    "processing": pgettext_lazy("a value in the audit trail", "processing"),
    "refund": pgettext_lazy("a value in the audit trail", "refund"),
    "refused": pgettext_lazy("a value in the audit trail", "refused"),
    "rejected": pgettext_lazy("a value in the audit trail", "rejected"),
    "requested": pgettext_lazy("a value in the audit trail", "requested"),
    "send_anew": pgettext_lazy("a value in the audit trail", "send anew"),
    "sending": pgettext_lazy("a value in the audit trail", "sending"),
    "staff": pgettext_lazy("a value in the audit trail", "staff"),
    "type_changed": pgettext_lazy("a value in the audit trail", "type changed"),
    "unconfirmed": pgettext_lazy("a value in the audit trail", "unconfirmed"),
    "unknown": pgettext_lazy("a value in the audit trail", "unknown"),
    "wait": pgettext_lazy("a value in the audit trail", "wait"),
    "waiting": pgettext_lazy("a value in the audit trail", "waiting"),
    "withdrawn": pgettext_lazy("a value in the audit trail", "withdrawn"),
}
