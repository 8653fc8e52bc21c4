"""The overview's first steps: what is left of setting up an empty panel."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from orders.enums import SyncOutcome
from orders.models import Customer, Order, Provider, Service, SyncRun
from orders.people import Person
from panel.display import ago_text, money_text


@dataclass(frozen=True)
class Step:
    """One step of setting up. `progress` is (done, all) while it is under way."""

    title: str
    text: str
    done: bool
    url: str
    label: str
    progress: tuple[int, int] | None = None


def first_steps(who: Person, now: datetime) -> list[Step]:
    """What is left until the first order; nothing once there is one."""
    if Order.objects.exists():
        return []
    provider = Provider.objects.select_related("state").order_by("pk").first()
    return [
        _add_provider(provider, now),
        _read_catalog(provider),
        _add_client(),
        Step(
            "Place the first order",
            "Pick a service; the price is worked out before anything is sent",
            False,
            reverse("staff:new_order"),
            "New order",
        ),
    ]


def _add_provider(provider: Provider | None, now: datetime) -> Step:
    if provider is None:
        text = "Its address and your key; nothing is bought by that"
        return Step("Add a provider", text, False, reverse("staff:new_provider"), "Add")
    text = f"{provider.name}, key ending {provider.key_last4}"
    if provider.state.balance is not None:
        text += f", balance {money_text(provider.state.balance, provider.currency)}"
    if provider.state.last_answer_at:
        text += f", answered {ago_text(provider.state.last_answer_at, now)}"
    url = reverse("staff:provider", args=[provider.pk])
    return Step("Add a provider", text, True, url, "Look")


def _read_catalog(provider: Provider | None) -> Step:
    title = "Read the catalog"
    if provider is None:
        return Step(title, "What the provider offers becomes what you sell", False, "", "")
    url = reverse("staff:provider", args=[provider.pk])
    run = SyncRun.objects.filter(provider=provider).order_by("-pk").first()
    if run and run.outcome == SyncOutcome.RUNNING:
        text = f"{run.rows_done:,} of {run.rows_total:,} services read"
        return Step(title, text, False, url, "Look", (run.rows_done, run.rows_total or 1))
    services = Service.objects.count()
    if services:
        text = f"{services:,} services, {run.rows_bad if run else 0:,} rows skipped"
        return Step(title, text, True, reverse("staff:services"), "See what came")
    text = run.detail if run else "It is read every ten minutes, or at once on the provider's page"
    return Step(title, text or "Nothing came yet", False, url, "Read it")


def _add_client() -> Step:
    client, url = Customer.objects.order_by("pk").first(), reverse("staff:new_client")
    if client is None:
        text = "By phone number or e-mail; then take cash or adjust the balance"
        return Step("Add a client", text, False, url, "Add")
    return Step("Add a client", client.name, True, reverse("staff:clients"), "Look")
