"""Reading the evidence anew before a decision, and how long it is good for.

Asked on request and never by opening a page. What a person decides on must be young: meanwhile a
late answer, a charge or another decision may have changed what it says.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from orders import sealing
from orders.balances import ask_balance
from orders.connections import NoTurn, read_from, words_for
from orders.enums import SubmissionOutcome
from orders.errors import Declined, FieldErrors
from orders.evidence import neighbours
from orders.models import Evidence, Order, Provider, Submission, User
from orders.persons import require_decider
from orders.upstream.errors import UpstreamError

GOOD_FOR = timedelta(minutes=5)
"""Evidence older than this supports no *found* and no *send anew*."""


def look(orders: Sequence[Order], *, by: User, now: datetime, probe: bool = False) -> datetime:
    """Read the balance of the orders' provider now, and with `probe` ids near theirs; keep that it
    was done, or why it could not be. Returns the moment, which a decision names.

    The orders share a provider (join it). One call, two with `probe`, which is for one order.
    Raises `NotAllowed`, or `Declined` when other calls to the provider came first.
    """
    for order in orders:
        require_decider(by, order.customer)
    provider = orders[0].provider
    failure, probed = _read_balance(provider, now), None
    if probe and not failure:
        probed = _probe(orders[0], now)
    Evidence.objects.bulk_create(
        Evidence(order=order, at=now, person=by, failure=failure, probed=probed) for order in orders
    )
    return now


def _read_balance(provider: Provider, now: datetime) -> str:
    """Keep a reading; why there is none, in words."""
    try:
        ask_balance(provider, now)
    except NoTurn as error:
        raise Declined(str(error)) from error
    except (UpstreamError, sealing.Unsealable) as error:
        return _words(error, provider)
    return ""


def _probe(order: Order, now: datetime) -> dict[str, Any] | None:
    """What the provider said about ids near this order's, as it is kept; None: it sent nothing."""
    submission = standing(order)
    if submission is None:
        return None
    most = min(neighbours.MOST_PROBED, order.provider.batch_size)
    ids = neighbours.candidates(submission, most)
    kept: dict[str, Any] = {"asked": len(ids), "items": []}
    if not ids:
        return kept
    try:
        said = read_from(order.provider, lambda client: neighbours.asked(client, ids), now=now)
    except (NoTurn, UpstreamError, sealing.Unsealable) as error:
        return kept | {"failure": _words(error, order.provider)}
    return kept | {"items": said}


def _words(error: Exception, provider: Provider) -> str:
    said = words_for(error, provider.url) if isinstance(error, UpstreamError) else str(error)
    return said[:300]


def standing(order: Order) -> Submission | None:
    """The sending of an order of which nobody knows the end."""
    return order.submissions.filter(outcome=SubmissionOutcome.UNKNOWN).first()


# ── What was read, and whether it is young enough ────────────────────────────────────────────


def latest(orders: Iterable[Order]) -> dict[int, Evidence]:
    """The last reading of the evidence about each of these orders; one query."""
    rows = Evidence.objects.filter(order__in=[order.pk for order in orders])
    return {row.order_id: row for row in rows.select_related("person").order_by("pk")}


def last_probe(order: Order) -> Evidence | None:
    """The last time that neighbouring ids were asked about."""
    rows = Evidence.objects.filter(order=order, probed__isnull=False)
    return rows.select_related("person").order_by("-pk").first()


def is_good(evidence: Evidence, now: datetime) -> bool:
    """Whether it is young enough to decide on."""
    return now - evidence.at <= GOOD_FOR


def require(order: Order, seen_at: datetime | None, now: datetime, *, without: bool) -> Evidence:
    """The evidence that a person had before them, young enough to decide on.

    `without`: the person decides although the provider could not be reached. Raises `FieldErrors`.
    """
    rows = Evidence.objects.filter(order=order)
    seen = rows.filter(at=seen_at).order_by("-pk").first() if seen_at else None
    if seen is None:
        raise _stale(_("Read the evidence first; you can then decide on it for five minutes."))
    if not is_good(seen, now):
        minutes = int((now - seen.at).total_seconds() // 60)
        raise _stale(
            _("The evidence before you is %(minutes)s minutes old. Read it again.")
            % {"minutes": minutes}
        )
    if seen.failure and not without:
        raise _stale(
            _(
                "The provider could not be read. Leave it for later, or say below that you decide "
                "without its evidence."
            )
        )
    return seen


def _stale(words: str) -> FieldErrors:
    return FieldErrors({"evidence": words})
