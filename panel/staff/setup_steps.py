"""The steps of the first run, and how far each has come. Any of them can be opened any time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from orders.enums import PriceLevel, SyncOutcome
from orders.kept_words import told
from orders.models import (
    Bound,
    Customer,
    MarkupRule,
    Order,
    Panel,
    Provider,
    Service,
    Staff,
    SyncRun,
)
from orders.panel_settings import current
from orders.people import Person
from panel.display import ago_text, count, money_text, percent


@dataclass(frozen=True)
class Step:
    """One step of setting up. `progress` is (done, all) while it is under way.

    `said` is the title in a sentence, for a page that is empty because of it; `onward` leads on to
    it from the step before.
    """

    title: str
    text: str
    done: bool
    url: str
    label: str
    said: str
    onward: str
    progress: tuple[int, int] | None = None
    slug: str = ""


@dataclass(frozen=True)
class Course:
    """All steps, seen from one of them ("" for none)."""

    steps: list[Step]
    here: str = ""

    @property
    def done(self) -> int:
        return sum(step.done for step in self.steps)

    @property
    def number(self) -> int:
        """Which step this is, from 1; 0 for none."""
        return next((n for n, step in enumerate(self.steps, 1) if step.slug == self.here), 0)

    @property
    def onward(self) -> Step | None:
        """The step after this one; None after the last."""
        return self.steps[self.number] if self.number < len(self.steps) else None

    @property
    def open(self) -> Step | None:
        """The first one that is not done; None when all are."""
        return next((step for step in self.steps if not step.done), None)


def course(now: datetime, here: str = "") -> Course:
    """How far the panel has come. The number of queries does not grow with anything."""
    return Course(_Facts(now).steps(), here)


def is_over() -> bool:
    """Whether the first order has been placed: then nobody is led through these steps."""
    return Order.objects.exists()


def next_step(who: Person) -> Callable[[], Step | None]:
    """What an admin does next on a panel without orders, for an empty page that asks.

    The answer is None where there is nothing to say, and is not worked out before it is asked for.
    """

    def asked() -> Step | None:
        return course(timezone.now()).open if who.is_admin and not is_over() else None

    return asked


class _Facts:
    """What the steps are told from."""

    def __init__(self, now: datetime):
        self._now = now
        self._panel: Panel = current()

    def steps(self) -> list[Step]:
        return [
            self._panel_step(),
            self._provider_step(),
            self._catalog_step(),
            self._selling_step(),
            self._prices_step(),
            self._staff_step(),
            self._order_step(),
        ]

    @cached_property
    def _provider(self) -> Provider | None:
        """The newest: the one that somebody is at work with."""
        return Provider.objects.select_related("state").order_by("-pk").first()

    @cached_property
    def _services(self) -> int:
        return Service.objects.count()

    def _panel_step(self) -> Step:
        panel = self._panel
        done = "panel" in panel.settled
        text = f"{panel.name}, {panel.currency}, {panel.time_zone}"
        return _step("panel", text, done)

    def _provider_step(self) -> Step:
        provider = self._provider
        if provider is None:
            return _step("provider", _("Its address and your key; nothing is bought by that"))
        parts = [provider.name]
        if provider.key_last4:
            parts.append(_("key ending %(last4)s") % {"last4": provider.key_last4})
        if provider.state.balance is not None:
            balance = money_text(provider.state.balance, provider.currency)
            parts.append(_("balance %(balance)s") % {"balance": balance})
        if provider.state.last_answer_at:
            when = ago_text(provider.state.last_answer_at, self._now)
            parts.append(_("answered %(when)s") % {"when": when})
        return _step("provider", ", ".join(parts), True)

    def _catalog_step(self) -> Step:
        if self._provider is None:
            return _step("catalog", _("What the provider offers becomes what you can sell"))
        run = SyncRun.objects.filter(provider=self._provider).order_by("-pk").first()
        if run and run.outcome == SyncOutcome.RUNNING:
            counts = {"done": count(run.rows_done), "total": count(run.rows_total)}
            text = _("%(done)s of %(total)s services read") % counts
            return _step("catalog", text, progress=(run.rows_done, run.rows_total or 1))
        if self._services:
            return _step("catalog", _read(self._services, run.rows_bad if run else 0), True)
        text = told(run.detail) if run else _("It is read every ten minutes, or at once")
        return _step("catalog", text or _("Nothing came yet"))

    def _selling_step(self) -> Step:
        on_sale = Service.objects.filter(is_visible=True).count() if self._services else 0
        if not on_sale:
            return _step("selling", _("By category, search or type, with cost and price"))
        counts = {"count": count(on_sale), "all": count(self._services)}
        return _step("selling", _("%(count)s of %(all)s services on sale") % counts, True)

    def _prices_step(self) -> Step:
        rule = MarkupRule.objects.filter(level=PriceLevel.PANEL, ended_at=None).first()
        bound = Bound.objects.filter(level=PriceLevel.PANEL, ended_at=None).first()
        text = _("What stands over cost, and the least that ever may")
        if rule and bound and bound.floor_percent is not None:
            markup, floor = percent(rule.value, None), percent(bound.floor_percent, None)
            words = _("%(markup)s over cost and never below %(floor)s, until you say otherwise")
            text = words % {"markup": markup, "floor": floor}
        done = "prices" in self._panel.settled
        return _step("prices", text, done)

    def _staff_step(self) -> Step:
        others = Staff.objects.filter(is_owner=False).count()
        if others:
            text = ngettext("%(count)s member", "%(count)s members", others)
            return _step("staff", text % {"count": count(others)}, True)
        done = "staff" in self._panel.settled
        return _step("staff", _("You work alone for now") if done else _("Or work alone"), done)

    def _order_step(self) -> Step:
        done = is_over()
        client = None if done else Customer.objects.order_by("-pk").first()
        text = _("A client by phone number or e-mail, then a service")
        if client is not None:
            text = _("%(client)s is there; pick a service for them") % {"client": client.name}
        return _step("order", _("It is placed") if done else text, done)


def _read(services: int, skipped: int) -> str:
    """How much of the catalog is there."""
    text = ngettext("%(count)s service read", "%(count)s services read", services)
    parts = [text % {"count": count(services)}]
    if skipped:
        text = ngettext("%(count)s row skipped", "%(count)s rows skipped", skipped)
        parts.append(text % {"count": count(skipped)})
    return ", ".join(parts)


@dataclass(frozen=True)
class _Page:
    """A step's page: its address, its button, and its title alone and in two sentences."""

    address: str
    label: Promise
    title: Promise
    onward: Promise
    said: Promise


_PAGES = {
    "panel": _Page(
        "staff:setup_panel",
        gettext_lazy("Set"),
        gettext_lazy("Name, currency and time zone"),
        gettext_lazy("Next: name, currency and time zone"),
        gettext_lazy("Next in the set-up: name, currency and time zone."),
    ),
    "provider": _Page(
        "staff:setup_provider",
        gettext_lazy("Add"),
        gettext_lazy("Add a provider"),
        gettext_lazy("Next: add a provider"),
        gettext_lazy("Next in the set-up: add a provider."),
    ),
    "catalog": _Page(
        "staff:setup_catalog",
        gettext_lazy("Read it"),
        gettext_lazy("Read the catalog"),
        gettext_lazy("Next: read the catalog"),
        gettext_lazy("Next in the set-up: read the catalog."),
    ),
    "selling": _Page(
        "staff:choose",
        gettext_lazy("Choose"),
        gettext_lazy("Choose what to sell"),
        gettext_lazy("Next: choose what to sell"),
        gettext_lazy("Next in the set-up: choose what to sell."),
    ),
    "prices": _Page(
        "staff:setup_prices",
        gettext_lazy("Set"),
        gettext_lazy("Set the markup and the floor"),
        gettext_lazy("Next: set the markup and the floor"),
        gettext_lazy("Next in the set-up: set the markup and the floor."),
    ),
    "staff": _Page(
        "staff:setup_staff",
        gettext_lazy("Add"),
        gettext_lazy("Add who works with you"),
        gettext_lazy("Next: add who works with you"),
        gettext_lazy("Next in the set-up: add who works with you."),
    ),
    "order": _Page(
        "staff:setup_order",
        gettext_lazy("Place"),
        gettext_lazy("Place the first order"),
        gettext_lazy("Next: place the first order"),
        gettext_lazy("Next in the set-up: place the first order."),
    ),
}


def _step(
    slug: str,
    text: str,
    done: bool = False,
    *,
    progress: tuple[int, int] | None = None,
) -> Step:
    page = _PAGES[slug]
    return Step(
        title=str(page.title),
        text=text,
        done=done,
        url=reverse(page.address),
        label=_("Look") if done or progress else str(page.label),
        said=str(page.said),
        onward=str(page.onward),
        progress=progress,
        slug=slug,
    )
