"""Troubles in words: what is the matter, since when, what is at stake, and where to go."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from orders.enums import ProviderHold
from orders.health import MOST_COUNTED, Concern, Trouble
from orders.people import Person
from panel.display import ago_text, capped, money2_text, money_text, span


@dataclass(frozen=True)
class Need:
    """One line of the list, with its one link."""

    tone: str
    icon: str
    title: str
    text: str
    url: str
    label: str


@dataclass(frozen=True)
class Teller:
    """For whom it is told, and when."""

    who: Person
    now: datetime

    def since(self, concern: Concern) -> str:
        return f"oldest {ago_text(concern.since, self.now)}" if concern.since else ""

    def stake(self, concern: Concern) -> str:
        return f"{money2_text(concern.amount)} at stake" if concern.amount else ""

    def provider(self, concern: Concern) -> str:
        named = concern.provider is not None and self.who.sees_cost
        return str(concern.provider) if named else "a provider"

    def provider_url(self, concern: Concern, tab: str = "waiting") -> str:
        """Admins go to the provider, others to the orders that it concerns: its own, for those who
        may know which they are."""
        if concern.provider is None:
            return _orders(tab)
        if self.who.is_admin:
            return reverse("staff:provider", args=[concern.provider.pk])
        return (
            _orders(tab, provider=str(concern.provider.pk)) if self.who.sees_cost else _orders(tab)
        )


TellerOf = Callable[[Teller, Concern], Need]


def needs(concerns: list[Concern], who: Person, now: datetime) -> list[Need]:
    """A line for each trouble."""
    teller = Teller(who, now)
    return [_TELLERS[concern.kind](teller, concern) for concern in concerns]


def _orders(tab: str, **more: str) -> str:
    extra = "".join(f"&{name}={value}" for name, value in more.items())
    return f"{reverse('staff:orders')}?tab={tab}{extra}"


def _some(count: int, noun: str, rest: str = "") -> str:
    """Such as "1 order unconfirmed", "3 orders unconfirmed", "1,000+ orders unconfirmed"."""
    plural = noun if count == 1 else f"{noun}s"
    return f"{capped(count, MOST_COUNTED)} {plural} {rest}".strip()


def _text(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# ── The machinery and the providers ──────────────────────────────────────────────────────────


def _machinery(teller: Teller, concern: Concern) -> Need:
    since = concern.since
    text = "no job has ever run"
    if since is not None:
        text = (
            f"nothing is sent or checked; silent for {span((teller.now - since).total_seconds())}"
        )
    return Need("red", "heart-pulse", "Machinery silent", text, "#machinery", "Look")


def _sending_stopped(teller: Teller, concern: Concern) -> Need:
    where = "" if concern.provider is None else f" to {teller.provider(concern)}"
    detail = concern.detail if teller.who.sees_cost else ""
    text = _text(_waits(concern), _ago("stopped", concern, teller), detail)
    url = teller.provider_url(concern)
    return Need("red", "octagon-x", f"Sending{where} is stopped", text, url, "Look")


def _key_unreadable(teller: Teller, concern: Concern) -> Need:
    title = _capital(f"{teller.provider(concern)}: its key cannot be read")
    why = "FIELD_KEYS lacks what sealed it" if teller.who.is_admin else "an admin has to mend it"
    return Need(
        "red", "key-round", title, _text(_waits(concern), why), teller.provider_url(concern), "Look"
    )


_HELD = {
    ProviderHold.FUNDS: ("wallet", "{} has no funds"),
    ProviderHold.KEY: ("key-round", "{} refused our key"),
    ProviderHold.DOWN: ("plug-zap", "{} is not answering"),
    ProviderHold.BUSY: ("gauge", "{} asked us to slow down"),
}


def _provider_held(teller: Teller, concern: Concern) -> Need:
    assert concern.provider is not None  # every hold is a provider's
    icon, words = _HELD[ProviderHold(concern.provider.state.hold)]
    short = ""
    if concern.missing and teller.who.sees_cost:
        short = f"{money_text(concern.missing, concern.provider.currency)} short"
    text = _text(_waits(concern), short, _ago("since", concern, teller))
    title = _capital(words.format(teller.provider(concern)))
    return Need("amber", icon, title, text, teller.provider_url(concern), "Look")


def _waits(concern: Concern) -> str:
    return _some(concern.count, "order", "waiting") if concern.count else "no order waits"


def _ago(word: str, concern: Concern, teller: Teller) -> str:
    return f"{word} {ago_text(concern.since, teller.now)}" if concern.since else ""


def _resting(teller: Teller, concern: Concern) -> Need:
    title = f"Reading from {teller.provider(concern)} rests"
    text = _text("tried again by itself", _ago("last answer", concern, teller))
    return Need("amber", "plug", title, text, teller.provider_url(concern, "running"), "Look")


def _stopped(teller: Teller, concern: Concern) -> Need:
    title = f"Orders at {teller.provider(concern)} are not asked about"
    text = _ago("stopped", concern, teller)
    return Need("amber", "eye-off", title, text, teller.provider_url(concern, "running"), "Look")


# ── Orders and requests ──────────────────────────────────────────────────────────────────────


def _review(tone: str, rest: str, kind: str) -> Callable[[Teller, Concern], Need]:
    def tell(teller: Teller, concern: Concern) -> Need:
        text = _text(teller.since(concern), teller.stake(concern))
        title = _some(concern.count, "order", rest)
        url = f"{reverse('staff:review')}?kind={kind}"
        return Need(tone, "circle-help", title, text, url, "Review")

    return tell


def _waiting(icon: str, rest: str, hold: str, label: str) -> Callable[[Teller, Concern], Need]:
    def tell(teller: Teller, concern: Concern) -> Need:
        text = _text(teller.since(concern), teller.stake(concern))
        url, title = _orders("waiting", hold=hold), _some(concern.count, "order", rest)
        return Need("amber", icon, title, text, url, label if teller.who.is_admin else "Look")

    return tell


def _late(teller: Teller, concern: Concern) -> Need:
    text = _text("nothing moved for a day", teller.since(concern))
    title = _some(concern.count, "order", "late")
    return Need("accent", "clock", title, text, _orders("late", unasked="1"), "Look")


def _messages(teller: Teller, concern: Concern) -> Need:
    title = _some(concern.count, "message", "to answer")
    url = reverse("staff:messages")
    return Need("accent", "message-square", title, teller.since(concern), url, "Answer")


def _top_ups(teller: Teller, concern: Concern) -> Need:
    title, url = _some(concern.count, "top-up", "to approve"), reverse("staff:top_ups")
    text = _text(teller.since(concern), f"{money2_text(concern.amount)} paid, say the clients")
    return Need("accent", "wallet", title, text, url, "Look")


def _requests(noun: str, page: str, tab: str, rest: str, words: str) -> TellerOf:
    tone, icon = ("amber", "circle-help") if tab == "lost" else ("accent", "clock")

    def tell(teller: Teller, concern: Concern) -> Need:
        title, url = _some(concern.count, noun, rest), f"{reverse(f'staff:{page}')}?tab={tab}"
        return Need(tone, icon, title, _text(words, teller.since(concern)), url, "Look")

    return tell


def _lost(noun: str, page: str) -> TellerOf:
    return _requests(noun, page, "lost", "without an answer", "somebody has to ask the provider")


def _overdue(noun: str, page: str, words: str) -> TellerOf:
    return _requests(noun, page, "overdue", "overdue", words)


# ── The catalog ──────────────────────────────────────────────────────────────────────────────


def _removals(teller: Teller, concern: Concern) -> Need:
    title = _some(concern.count, "service", f"gone from {teller.provider(concern)}")
    text = _text("kept until somebody decides", _ago("read", concern, teller))
    url, label = reverse("staff:services"), "Look"
    if teller.who.is_admin:
        url, label = f"{reverse('staff:decisions')}?kind=removals", "Decide"
    return Need("amber", "package-x", title, text, url, label)


def _paused(teller: Teller, concern: Concern) -> Need:
    title = _some(concern.count, "service", "paused")
    text = _text("cost or price open", teller.since(concern))
    url, label = f"{reverse('staff:services')}?state=decide", "Look"
    if teller.who.is_admin:
        url, label = reverse("staff:decisions"), "Decide"
    return Need("amber", "trending-up", title, text, url, label)


_TELLERS: dict[Trouble, TellerOf] = {
    Trouble.MACHINERY: _machinery,
    Trouble.SENDING_STOPPED: _sending_stopped,
    Trouble.KEY_UNREADABLE: _key_unreadable,
    Trouble.UNCONFIRMED: _review("amber", "unconfirmed", "unconfirmed"),
    Trouble.FAILED: _review("red", "failed", "failed"),
    Trouble.REFUND_UNKNOWN: _review("violet", "with the refund open", "refund"),
    Trouble.PROVIDER_HELD: _provider_held,
    Trouble.COST_CHANGED: _waiting("trending-up", "held, cost changed", "price", "Decide"),
    Trouble.REQUEST_HELD: _waiting("file-warning", "held, not understood", "request", "Look"),
    Trouble.LATE: _late,
    Trouble.MESSAGES: _messages,
    Trouble.TOP_UPS: _top_ups,
    Trouble.ANSWER_LOST: _lost("refill", "refills"),
    Trouble.CANCEL_LOST: _lost("cancel request", "cancellations"),
    Trouble.OVERDUE: _overdue("refill", "refills", "asked over three days ago"),
    Trouble.CANCEL_OVERDUE: _overdue("cancel request", "cancellations", "asked over a day ago"),
    Trouble.RESTING: _resting,
    Trouble.STOPPED: _stopped,
    Trouble.REMOVALS_HELD: _removals,
    Trouble.PAUSED: _paused,
}
