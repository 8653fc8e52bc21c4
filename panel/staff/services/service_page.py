"""What a service's page shows, and what an admin may do there."""

from decimal import Decimal
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders import catalog, pricing, rules, service_types
from orders.enums import PauseReason
from orders.models import Offer, Service
from orders.panel_settings import current
from orders.people import Person
from panel.display import count, money_text
from panel.staff.orders.order_acts import Button, Dialog
from panel.staff.orders.stage_words import in_words
from panel.staff.services import service_rows
from panel.staff.services.fallback_rows import fallback_of
from panel.staff.services.offers import Choice
from panel.staff.services.service_history import History


class SeenRate(forms.Form):
    """Carries the rate that the person saw, so that no other one is accepted."""

    rate = forms.CharField(max_length=40, widget=forms.HiddenInput)


class DescribeForm(forms.Form):
    """The words that customers read."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=500)
    description = forms.CharField(
        label=gettext_lazy("Description"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class RefillForm(forms.Form):
    """The days in which a refill may be asked for."""

    days = forms.IntegerField(
        min_value=1,
        max_value=3650,
        required=False,
        label=gettext_lazy("Days after completion"),
        help_text=gettext_lazy("Empty: as long as the provider says."),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )


class ServicePage:
    """One service with its price for the one who looks."""

    def __init__(self, service: Service, who: Person, typed_days: str = ""):
        self._service, self._who, panel = service, who, current()
        self._typed_days = typed_days
        prices = rules.price_list([service], None, who.staff, panel=panel)
        self._quote: pricing.Quote | None = prices.get(service.pk)
        self.row = service_rows.row(service, self._quote, who, panel)
        self.unit = _("per package") if self.row.package else _("per 1000")
        self.history = History(service, who)

    @property
    def fallback(self) -> Choice | None:
        """Where an order goes that its provider cannot take; for who sees costs."""
        if not self._who.sees_cost or self._service.fallback is None:
            return None
        return fallback_of(self._service, self._quote, current())

    @property
    def description(self) -> str:
        return self._service.description

    @property
    def can_be_ordered(self) -> bool:
        """Whether we know its type, and it is one that is sold."""
        return not service_types.why_not_orderable(self._service.offer.type_name)

    @property
    def proposed_days(self) -> int | None:
        """The refill window that only the name tells of."""
        return catalog.proposed_refill_days(self._service)

    @property
    def offer(self) -> Offer | None:
        """What it is bought as; for who sees costs."""
        return self._service.offer if self._who.sees_cost else None

    @property
    def expected_cost(self) -> Decimal | None:
        """Of 1000, or one package; for who sees costs."""
        return self._quote.expected_cost if self._quote and self._who.sees_cost else None

    @property
    def stages(self) -> list[pricing.Stage]:
        """How the price comes about; for who sees costs."""
        return in_words(self._quote.stages) if self._quote and self._who.sees_cost else []

    @property
    def accepted(self) -> Decimal | None:
        """The cost that a person accepted last, where it is another than today's."""
        accepted = self._service.accepted_cost
        return accepted if self._who.sees_cost and accepted != self.row.cost else None

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What can be ordered."""
        offer = self._service.offer
        bounds = {"least": count(offer.least), "most": count(offer.most)}
        quantity = _("%(least)s to %(most)s") % bounds
        every = [
            (_("Type"), offer.type_name),
            (_("Quantity"), quantity),
            (_("Refill"), self.row.refill or _("No")),
            (_("Cancel"), _("Can be asked for") if offer.cancel else _("No")),
            (_("Drip-feed"), _("Yes") if offer.dripfeed else _("No")),
            (_("Average time"), offer.average_time),
        ]
        return [(label, text) for label, text in every if text]

    @property
    def what_to_do(self) -> str:
        """How its pause ends; for who sees costs, because admins do it and others ask them."""
        if not self._who.sees_cost:
            return ""
        return str(service_rows.WHAT_TO_DO.get(PauseReason(self._service.pause), ""))

    @property
    def can_move(self) -> bool:
        """Whether an admin may buy it from another offer."""
        return self._who.is_admin and self.can_be_ordered

    @property
    def buttons(self) -> list[Button]:
        return [
            Button(label, icon, dialog=f"#{dialog.id}", tone=tone)
            for label, icon, tone, dialog in self._acts()
        ]

    @property
    def dialogs(self) -> list[Dialog]:
        return [dialog for *_, dialog in self._acts()]

    def _acts(self) -> list[tuple[str, str, str, Dialog]]:
        """Buttons and their questions, the most fitting first; none for who decides nothing."""
        if not self._who.is_admin:
            return []
        acts: list[tuple[str, str, str, Dialog]] = []
        if self._service.pause in (PauseReason.COST_ROSE, PauseReason.CHARGED_MORE):
            acts.append((_("Accept the cost"), "check", "pri", self._accept()))
        if self._service.pause == PauseReason.BELOW_FLOOR:
            acts.append((_("Drop the fixed price"), "tag", "pri", self._drop()))
        elif self._service.pause and self._service.pause != PauseReason.COST_ROSE:
            acts.append((_("Resume"), "circle-play", "" if acts else "pri", self._resume()))
        elif not self._service.pause:
            acts.append((_("Pause"), "circle-pause", "", self._pause()))
        if self._service.is_visible:
            acts.append((_("Hide"), "eye-off", "", self._hide()))
        elif self.can_be_ordered:
            acts.append((_("Show"), "eye", "", self._show()))
        if self._service.offer.refill:
            acts.append(self._window())
        return acts

    def _window(self) -> tuple[str, str, str, Dialog]:
        """How long refills may be asked for: what the name promises is a proposal, no more."""
        days = self.proposed_days
        label = _("Take %(days)s days of refill") % {"days": days} if days else _("Refill window")
        words = _("It holds for orders that were placed before, too.")
        if days:
            words = _("Its name promises so; nobody else has said it.") + f" {words}"
        typed = RefillForm(initial={"days": self._typed_days or days or self._service.refill_days})
        title = _("How long may a refill be asked for?")
        dialog = self._dialog("refill", title, words, "set_refill_window", _("Set it"), form=typed)
        return label, "refresh-cw", "", dialog

    def _accept(self) -> Dialog:
        cost = catalog.cost_per_1000(self._service.offer.rate, self._service.offer.provider)
        price = money_text(self._quote.price) if self._quote else _("not known")
        return self._dialog(
            "accept",
            _("Accept %(cost)s %(unit)s?") % {"cost": money_text(cost), "unit": self.unit},
            _(
                "It was %(cost)s when last accepted. The rules make the price %(price)s for you; "
                "orders placed before keep theirs."
            )
            % {"cost": money_text(self._service.accepted_cost), "price": price},
            "accept_cost",
            _("Accept it"),
            form=SeenRate(initial={"rate": format(self._service.offer.rate, "f")}),
        )

    def _drop(self) -> Dialog:
        words = _(
            "The category's or the panel's rule makes the price from then on, and it is sold "
            "again if that is above the floor. A fixed price of the category stays."
        )
        title, act = _("Drop the price of its own?"), _("Drop it")
        return self._dialog("drop", title, words, "drop_fixed_price", act)

    def _pause(self) -> Dialog:
        words = _("Nobody can order it until somebody resumes it. Orders under way go on.")
        return self._dialog(
            "pause",
            _("Pause this service?"),
            words,
            "pause_service",
            _("Pause it"),
            reason="required",
        )

    def _resume(self) -> Dialog:
        words = _("It can be ordered again, at the price of today's rules.")
        return self._dialog(
            "resume", _("Resume this service?"), words, "resume_service", _("Resume it")
        )

    def _hide(self) -> Dialog:
        words = _("It leaves the shop and the search of new orders. Orders under way go on.")
        return self._dialog("hide", _("Hide this service?"), words, "hide_service", _("Hide it"))

    def _show(self) -> Dialog:
        words = _("It can be found and ordered by everybody.")
        return self._dialog("show", _("Show this service?"), words, "show_service", _("Show it"))

    def _dialog(
        self, slug: str, title: str, text: str, name: str, act: str, **others: Any
    ) -> Dialog:
        url = reverse(f"staff:{name}", args=[self._service.pk])
        said = {"reason": "optional"} | others
        return Dialog(slug, title, text, url, act, _("Not now"), **said)
