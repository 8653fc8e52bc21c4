"""A line of what needs attention, and what its words are made of."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from orders.health import MOST_COUNTED, Concern
from orders.people import Person
from panel.display import ago_text, capped, money2_text


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

    def ago(self, words: str, concern: Concern) -> str:
        """Words with `%(ago)s`; "" where nobody knows since when."""
        return words % {"ago": ago_text(concern.since, self.now)} if concern.since else ""

    def since(self, concern: Concern) -> str:
        return self.ago(_("oldest %(ago)s"), concern)

    def stake(self, concern: Concern) -> str:
        if not concern.amount:
            return ""
        return _("%(amount)s at stake") % {"amount": money2_text(concern.amount)}

    def provider(self, concern: Concern) -> str:
        named = concern.provider is not None and self.who.sees_cost
        return str(concern.provider) if named else _("a provider")

    def provider_first(self, concern: Concern) -> str:
        """As it begins a sentence."""
        if concern.provider is None or not self.who.sees_cost:
            return _("A provider")
        name = str(concern.provider)
        return name[:1].upper() + name[1:]

    def provider_url(self, concern: Concern, tab: str = "waiting") -> str:
        """Admins go to the provider, others to the orders that it concerns: its own, for those who
        may know which they are."""
        if concern.provider is None:
            return orders_url(tab)
        if self.who.is_admin:
            return reverse("staff:provider", args=[concern.provider.pk])
        if not self.who.sees_cost:
            return orders_url(tab)
        return orders_url(tab, provider=str(concern.provider.pk))


TellerOf = Callable[[Teller, Concern], Need]


def look() -> str:
    """The words of a link to where it can be seen."""
    return pgettext("a link to where it can be seen", "Look")


def orders_url(tab: str, **more: str) -> str:
    """The orders list at a tab, narrowed."""
    extra = "".join(f"&{name}={value}" for name, value in more.items())
    return f"{reverse('staff:orders')}?tab={tab}{extra}"


def counted(concern: Concern) -> dict[str, str]:
    """The count as it is shown: "3", "1,000+"."""
    return {"count": capped(concern.count, MOST_COUNTED)}


def facts(*parts: str) -> str:
    """Short facts in a row; empty ones are left out."""
    return ", ".join(part for part in parts if part)


def waits(concern: Concern) -> str:
    """How many orders wait for it."""
    if not concern.count:
        return _("no order waits")
    words = ngettext("%(count)s order waiting", "%(count)s orders waiting", concern.count)
    return words % counted(concern)
