"""Troubles in words: what is the matter, since when, what is at stake, and where to go."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.enums import ProviderHold
from orders.health import Concern, Trouble
from orders.kept_words import told
from orders.people import Person
from panel.display import money_text, span
from panel.staff.overview import attention_orders
from panel.staff.overview.attention_words import Need, Teller, TellerOf, facts, look, waits


def needs(concerns: list[Concern], who: Person, now: datetime) -> list[Need]:
    """A line for each trouble."""
    teller = Teller(who, now)
    return [_TELLERS[concern.kind](teller, concern) for concern in concerns]


def _machinery(teller: Teller, concern: Concern) -> Need:
    text = _("no job has ever run")
    if concern.since is not None:
        silent = span((teller.now - concern.since).total_seconds())
        text = _("nothing is sent or checked; silent for %(time)s") % {"time": silent}
    return Need("red", "heart-pulse", _("Machinery silent"), text, "#machinery", look())


def _sending_stopped(teller: Teller, concern: Concern) -> Need:
    title = _("Sending is stopped")
    if concern.provider is not None:
        words = _("Sending to %(provider)s is stopped")
        title = words % {"provider": teller.provider(concern)}
    detail = told(concern.detail) if teller.who.sees_cost else ""
    text = facts(waits(concern), teller.ago(_("stopped %(ago)s"), concern), detail)
    url = teller.provider_url(concern)
    return Need("red", "octagon-x", title, text, url, look())


def _key_unreadable(teller: Teller, concern: Concern) -> Need:
    words = _("%(provider)s: its key cannot be read")
    title = words % {"provider": teller.provider_first(concern)}
    why = _("an admin has to mend it")
    if teller.who.is_admin:
        why = _("FIELD_KEYS lacks what sealed it")
    text, url = facts(waits(concern), why), teller.provider_url(concern)
    return Need("red", "key-round", title, text, url, look())


_HELD = {
    ProviderHold.FUNDS: ("wallet", gettext_lazy("%(provider)s has no funds")),
    ProviderHold.KEY: ("key-round", gettext_lazy("%(provider)s refused our key")),
    ProviderHold.DOWN: ("plug-zap", gettext_lazy("%(provider)s is not answering")),
    ProviderHold.BUSY: ("gauge", gettext_lazy("%(provider)s asked us to slow down")),
}


def _provider_held(teller: Teller, concern: Concern) -> Need:
    assert concern.provider is not None  # every hold is a provider's
    icon, words = _HELD[ProviderHold(concern.provider.state.hold)]
    short = ""
    if concern.missing and teller.who.sees_cost:
        missing = money_text(concern.missing, concern.provider.currency)
        short = _("%(amount)s short") % {"amount": missing}
    text = facts(waits(concern), short, teller.ago(_("since %(ago)s"), concern))
    title = words % {"provider": teller.provider_first(concern)}
    return Need("amber", icon, title, text, teller.provider_url(concern), look())


def _resting(teller: Teller, concern: Concern) -> Need:
    title = _("Reading from %(provider)s rests") % {"provider": teller.provider(concern)}
    text = facts(_("tried again by itself"), teller.ago(_("last answer %(ago)s"), concern))
    return Need("amber", "plug", title, text, teller.provider_url(concern, "running"), look())


def _stopped(teller: Teller, concern: Concern) -> Need:
    words = _("Orders at %(provider)s are not asked about")
    title = words % {"provider": teller.provider(concern)}
    text = teller.ago(_("stopped %(ago)s"), concern)
    return Need("amber", "eye-off", title, text, teller.provider_url(concern, "running"), look())


_TELLERS: dict[Trouble, TellerOf] = {
    Trouble.MACHINERY: _machinery,
    Trouble.SENDING_STOPPED: _sending_stopped,
    Trouble.KEY_UNREADABLE: _key_unreadable,
    Trouble.PROVIDER_HELD: _provider_held,
    Trouble.RESTING: _resting,
    Trouble.STOPPED: _stopped,
    **attention_orders.TELLERS,
}
