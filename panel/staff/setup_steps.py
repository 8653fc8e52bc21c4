"""The steps of the first run, and how far each has come. Any of them can be opened any time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.urls import reverse
from django.utils import timezone

from orders.enums import PriceLevel, SyncOutcome
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
from panel.display import ago_text, money_text, percent


@dataclass(frozen=True)
class Step:
    """One step of setting up. `progress` is (done, all) while it is under way."""

    title: str
    text: str
    done: bool
    url: str
    label: str
    progress: tuple[int, int] | None = None
    slug: str = ""

    @property
    def said(self) -> str:
        """The same in a sentence, for a page that is empty because of it."""
        return f"Next in the set-up: {self.title[0].lower()}{self.title[1:]}."


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
        return _step("panel", "Name, currency and time zone", text, done)

    def _provider_step(self) -> Step:
        title, provider = "Add a provider", self._provider
        if provider is None:
            return _step("provider", title, "Its address and your key; nothing is bought by that")
        text = provider.name
        if provider.key_last4:
            text += f", key ending {provider.key_last4}"
        if provider.state.balance is not None:
            text += f", balance {money_text(provider.state.balance, provider.currency)}"
        if provider.state.last_answer_at:
            text += f", answered {ago_text(provider.state.last_answer_at, self._now)}"
        return _step("provider", title, text, True)

    def _catalog_step(self) -> Step:
        title = "Read the catalog"
        if self._provider is None:
            return _step("catalog", title, "What the provider offers becomes what you can sell")
        run = SyncRun.objects.filter(provider=self._provider).order_by("-pk").first()
        if run and run.outcome == SyncOutcome.RUNNING:
            text = f"{run.rows_done:,} of {run.rows_total:,} services read"
            return _step("catalog", title, text, progress=(run.rows_done, run.rows_total or 1))
        if self._services:
            skipped = f", {run.rows_bad:,} rows skipped" if run and run.rows_bad else ""
            return _step("catalog", title, f"{self._services:,} services read{skipped}", True)
        text = run.detail if run else "It is read every ten minutes, or at once"
        return _step("catalog", title, text or "Nothing came yet")

    def _selling_step(self) -> Step:
        title = "Choose what to sell"
        on_sale = Service.objects.filter(is_visible=True).count() if self._services else 0
        if not on_sale:
            return _step("selling", title, "By category, search or type, with cost and price")
        text = f"{on_sale:,} of {self._services:,} services on sale"
        return _step("selling", title, text, True)

    def _prices_step(self) -> Step:
        rule = MarkupRule.objects.filter(level=PriceLevel.PANEL, ended_at=None).first()
        bound = Bound.objects.filter(level=PriceLevel.PANEL, ended_at=None).first()
        text = "What stands over cost, and the least that ever may"
        if rule and bound and bound.floor_percent is not None:
            markup, floor = percent(rule.value, None), percent(bound.floor_percent, None)
            text = f"{markup} over cost and never below {floor}, until you say otherwise"
        done = "prices" in self._panel.settled
        return _step("prices", "Set the markup and the floor", text, done)

    def _staff_step(self) -> Step:
        others = Staff.objects.filter(is_owner=False).count()
        title = "Add who works with you"
        if others:
            return _step("staff", title, "1 member" if others == 1 else f"{others:,} members", True)
        done = "staff" in self._panel.settled
        return _step("staff", title, "You work alone for now" if done else "Or work alone", done)

    def _order_step(self) -> Step:
        title, done = "Place the first order", is_over()
        client = None if done else Customer.objects.order_by("-pk").first()
        text = "A client by phone number or e-mail, then a service"
        if client is not None:
            text = f"{client.name} is there; pick a service for them"
        return _step("order", title, "It is placed" if done else text, done)


_PAGES = {
    "panel": ("staff:setup_panel", "Set"),
    "provider": ("staff:setup_provider", "Add"),
    "catalog": ("staff:setup_catalog", "Read it"),
    "selling": ("staff:choose", "Choose"),
    "prices": ("staff:setup_prices", "Set"),
    "staff": ("staff:setup_staff", "Add"),
    "order": ("staff:setup_order", "Place"),
}


def _step(
    slug: str,
    title: str,
    text: str,
    done: bool = False,
    *,
    progress: tuple[int, int] | None = None,
) -> Step:
    page, label = _PAGES[slug]
    return Step(
        title, text, done, reverse(page), "Look" if done or progress else label, progress, slug
    )
