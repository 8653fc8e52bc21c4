"""The lines of an order's history, and to whom they are told."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from orders.kept_words import told
from orders.models import Event, Order, Transfer


@dataclass(frozen=True)
class Item:
    """One line: a short past sentence, and a detail below it."""

    tone: str
    icon: str
    title: str
    text: str
    moment: datetime


@dataclass(frozen=True)
class Teller:
    """Tells the events of one order to one kind of person."""

    order: Order
    sees_cost: bool

    @property
    def provider(self) -> str:
        return self.order.provider.name if self.sees_cost else _("the provider")

    @property
    def provider_first(self) -> str:
        """As it begins a sentence."""
        if not self.sees_cost:
            return _("The provider")
        return self.order.provider.name[:1].upper() + self.order.provider.name[1:]

    def words(self, text: str) -> str:
        """The provider's own words or figures, for who may read them."""
        return told(text) if self.sees_cost else ""


def item(event: Event, tone: str, icon: str, title: str, text: str = "") -> Item:
    return Item(tone, icon, title, told(text), event.at)


def by_whom(event: Event | Transfer, what: object) -> str:
    """What happened, and who did it where it was a person."""
    if not event.person:
        return str(what)
    said = pgettext("what happened, and who did it", "%(what)s by %(who)s")
    return said % {"what": what, "who": event.person}
