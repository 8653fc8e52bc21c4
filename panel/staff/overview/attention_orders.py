"""Orders, requests and services that need a hand, in words."""

from collections.abc import Callable, Mapping

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from orders.health import Concern, Trouble
from panel.display import money2_text
from panel.staff.overview.attention_words import (
    Need,
    Teller,
    TellerOf,
    counted,
    facts,
    look,
    orders_url,
)

TITLES: Mapping[Trouble, Callable[[int], str]] = {
    Trouble.UNCONFIRMED: lambda n: ngettext(
        "%(count)s order unconfirmed", "%(count)s orders unconfirmed", n
    ),
    Trouble.FAILED: lambda n: ngettext("%(count)s order failed", "%(count)s orders failed", n),
    Trouble.REFUND_UNKNOWN: lambda n: ngettext(
        "%(count)s order with the refund open", "%(count)s orders with the refund open", n
    ),
    Trouble.COST_CHANGED: lambda n: ngettext(
        "%(count)s order held, cost changed", "%(count)s orders held, cost changed", n
    ),
    Trouble.REQUEST_HELD: lambda n: ngettext(
        "%(count)s order held, not understood", "%(count)s orders held, not understood", n
    ),
    Trouble.LATE: lambda n: ngettext("%(count)s order late", "%(count)s orders late", n),
    Trouble.MESSAGES: lambda n: ngettext(
        "%(count)s message to answer", "%(count)s messages to answer", n
    ),
    Trouble.TOP_UPS: lambda n: ngettext(
        "%(count)s top-up to approve", "%(count)s top-ups to approve", n
    ),
    Trouble.ANSWER_LOST: lambda n: ngettext(
        "%(count)s refill without an answer", "%(count)s refills without an answer", n
    ),
    Trouble.CANCEL_LOST: lambda n: ngettext(
        "%(count)s cancel request without an answer",
        "%(count)s cancel requests without an answer",
        n,
    ),
    Trouble.OVERDUE: lambda n: ngettext("%(count)s refill overdue", "%(count)s refills overdue", n),
    Trouble.CANCEL_OVERDUE: lambda n: ngettext(
        "%(count)s cancel request overdue", "%(count)s cancel requests overdue", n
    ),
    Trouble.REMOVALS_HELD: lambda n: ngettext(
        "%(count)s service gone from %(provider)s", "%(count)s services gone from %(provider)s", n
    ),
    Trouble.PAUSED: lambda n: ngettext("%(count)s service paused", "%(count)s services paused", n),
}
"""How many of what, of the troubles that are counted."""


def _title(concern: Concern, **more: str) -> str:
    return TITLES[concern.kind](concern.count) % {**counted(concern), **more}


def _review(tone: str, kind: str) -> TellerOf:
    def tell(teller: Teller, concern: Concern) -> Need:
        text = facts(teller.since(concern), teller.stake(concern))
        url = f"{reverse('staff:review')}?kind={kind}"
        return Need(tone, "circle-help", _title(concern), text, url, _("Review"))

    return tell


def _held(icon: str, hold: str, *, decides: bool) -> TellerOf:
    def tell(teller: Teller, concern: Concern) -> Need:
        text = facts(teller.since(concern), teller.stake(concern))
        label = _("Decide") if decides and teller.who.is_admin else look()
        url = orders_url("waiting", hold=hold)
        return Need("amber", icon, _title(concern), text, url, label)

    return tell


def _late(teller: Teller, concern: Concern) -> Need:
    text = facts(_("nothing moved for a day"), teller.since(concern))
    url = orders_url("late", unasked="1")
    return Need("accent", "clock", _title(concern), text, url, look())


def _messages(teller: Teller, concern: Concern) -> Need:
    title, url = _title(concern), reverse("staff:messages")
    return Need("accent", "message-square", title, teller.since(concern), url, _("Answer"))


def _top_ups(teller: Teller, concern: Concern) -> Need:
    paid = _("%(amount)s paid, say the clients") % {"amount": money2_text(concern.amount)}
    text, url = facts(teller.since(concern), paid), reverse("staff:top_ups")
    return Need("accent", "wallet", _title(concern), text, url, look())


def _requests(page: str, tab: str, words: Promise) -> TellerOf:
    tone, icon = ("amber", "circle-help") if tab == "lost" else ("accent", "clock")

    def tell(teller: Teller, concern: Concern) -> Need:
        url = f"{reverse(f'staff:{page}')}?tab={tab}"
        text = facts(str(words), teller.since(concern))
        return Need(tone, icon, _title(concern), text, url, look())

    return tell


def _removals(teller: Teller, concern: Concern) -> Need:
    title = _title(concern, provider=teller.provider(concern))
    text = facts(_("kept until somebody decides"), teller.ago(_("read %(ago)s"), concern))
    url, label = reverse("staff:services"), look()
    if teller.who.is_admin:
        url, label = f"{reverse('staff:decisions')}?kind=removals", _("Decide")
    return Need("amber", "package-x", title, text, url, label)


def _paused(teller: Teller, concern: Concern) -> Need:
    text = facts(_("cost or price open"), teller.since(concern))
    url, label = f"{reverse('staff:services')}?state=decide", look()
    if teller.who.is_admin:
        url, label = reverse("staff:decisions"), _("Decide")
    return Need("amber", "trending-up", _title(concern), text, url, label)


_LOST = gettext_lazy("somebody has to ask the provider")

TELLERS: dict[Trouble, TellerOf] = {
    Trouble.UNCONFIRMED: _review("amber", "unconfirmed"),
    Trouble.FAILED: _review("red", "failed"),
    Trouble.REFUND_UNKNOWN: _review("violet", "refund"),
    Trouble.COST_CHANGED: _held("trending-up", "price", decides=True),
    Trouble.REQUEST_HELD: _held("file-warning", "request", decides=False),
    Trouble.LATE: _late,
    Trouble.MESSAGES: _messages,
    Trouble.TOP_UPS: _top_ups,
    Trouble.ANSWER_LOST: _requests("refills", "lost", _LOST),
    Trouble.CANCEL_LOST: _requests("cancellations", "lost", _LOST),
    Trouble.OVERDUE: _requests("refills", "overdue", gettext_lazy("asked over three days ago")),
    Trouble.CANCEL_OVERDUE: _requests(
        "cancellations", "overdue", gettext_lazy("asked over a day ago")
    ),
    Trouble.REMOVALS_HELD: _removals,
    Trouble.PAUSED: _paused,
}
