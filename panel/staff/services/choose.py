"""Choosing what to sell: narrowing thousands of offers, and one act for many of them."""

from dataclasses import dataclass, replace

from django.contrib import messages
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from orders import catalog
from orders.errors import Declined
from orders.models import Service
from panel.access import admin_required, person, user
from panel.display import count
from panel.drafting import number_in
from panel.htmx import render
from panel.staff import setup_steps
from panel.staff.services.choose_rows import Listing, Wanted

MOST_TICKED = 200
"""A page holds fewer; what is sent beyond is not looked at."""


@admin_required
def choose(request: HttpRequest) -> HttpResponse:
    """The list; to HTMX all that follows from what was typed."""
    listing = Listing(Wanted.of(request.GET), person(request), request.GET)
    context = {"listing": listing, "wanted": listing.wanted, "course": _course}
    return render(request, "staff/choose.html", context, parts=("choose-list",))


def _course() -> setup_steps.Course | None:
    """Where this stands in the first run, as long as that is not over."""
    return None if setup_steps.is_over() else setup_steps.course(timezone.now(), "selling")


@dataclass(frozen=True)
class Press:
    """What was pressed, and how far it has come: long work goes on from page to page."""

    on_sale: bool
    every: bool
    ticked: tuple[int, ...]
    reason: str
    total: int
    upto: int | None = None
    after: int = 0
    done: int = 0
    changed: int = 0
    refused: int = 0

    @classmethod
    def of(cls, data: QueryDict) -> "Press":
        """Raises `Declined` where nothing was chosen."""
        act, every = data.get("act"), data.get("scope") == "all"
        ticked = [number_in(text) or 0 for text in data.getlist("service")[:MOST_TICKED]]
        if act not in ("show", "hide"):
            raise Declined(_("Press “Put on sale” or “Hide”."))
        if not every and not ticked:
            raise Declined(_("Tick some services first, or choose all that fit."))
        counts = {name: _count(data, name) for name in ("after", "changed", "refused")}
        return cls(
            on_sale=act == "show",
            every=every,
            ticked=tuple(ticked),
            reason=data.get("reason", "").strip()[:300],
            total=_count(data, "total") if every else len(ticked),
            upto=_count(data, "upto") or None,
            done=_count(data, "done"),
            **counts,
        )

    def services(self, wanted: Wanted) -> QuerySet[Service]:
        """What the press is about; of all that fit, those there were when it was pressed."""
        if not self.every:
            return Service.objects.filter(pk__in=self.ticked)
        fitting = wanted.services()
        return fitting if self.upto is None else fitting.filter(pk__lte=self.upto)


@admin_required
@require_POST
def choose_set(request: HttpRequest) -> HttpResponse:
    """Put what was chosen on sale, or hide it; a batch at a time, with progress between."""
    wanted = Wanted.of(request.POST)
    try:
        press = _begun(Press.of(request.POST), wanted)
        batch = catalog.choose(
            press.services(wanted),
            press.on_sale,
            by=user(request),
            now=timezone.now(),
            reason=press.reason,
            after=press.after,
        )
    except Declined as declined:
        messages.error(request, str(declined))
        return redirect(wanted.url)
    press = _further(press, batch)
    if batch.looked_at == catalog.BATCH:
        context = {"press": press, "wanted": wanted}
        return render(request, "staff/choosing.html", context, parts=("choosing",))
    messages.success(request, _told(press))
    return redirect(wanted.url)


def _begun(press: Press, wanted: Wanted) -> Press:
    """The first press of all that fit: what fits must still be what the person saw."""
    if not press.every or press.upto is not None:
        return press
    fitting = wanted.services()
    fit = fitting.count()
    if fit != press.total:
        raise Declined(
            _("%(now)s fit by now, not %(then)s. Look once more, then press.")
            % {"now": count(fit), "then": count(press.total)}
        )
    return replace(press, upto=fitting.aggregate(last=Max("pk"))["last"])


def _further(press: Press, batch: catalog.Chosen) -> Press:
    return replace(
        press,
        after=batch.last or press.after,
        done=press.done + batch.looked_at,
        changed=press.changed + batch.changed,
        refused=press.refused + batch.refused,
    )


def _told(press: Press) -> str:
    if press.on_sale:
        words = ngettext(
            "%(count)s service is on sale now.",
            "%(count)s services are on sale now.",
            press.changed,
        )
    else:
        words = ngettext(
            "%(count)s service is hidden now.", "%(count)s services are hidden now.", press.changed
        )
    told = [words % {"count": count(press.changed)}]
    if kept := press.done - press.changed - press.refused:
        already = ngettext("%(count)s was already.", "%(count)s were already.", kept)
        told.append(already % {"count": count(kept)})
    if press.refused:
        refused = _("%(count)s cannot be sold: this panel cannot order their type.")
        told.append(refused % {"count": count(press.refused)})
    return " ".join(told)


def _count(data: QueryDict, name: str) -> int:
    return number_in(data.get(name, "")) or 0
