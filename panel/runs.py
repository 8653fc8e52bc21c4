"""The runs of an order, or the posts of a subscription, as anybody may read them: how many are
done, and how far each is."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders import progress
from orders.enums import OrderStatus
from orders.models import Child, Order
from orders.statuses import FINAL
from panel.delivery import in_posts, in_runs
from panel.display import count

MOST = 200
"""Runs that a page lists, the latest first."""

LABELS: dict[str, str | Promise] = {
    OrderStatus.PENDING: gettext_lazy("Accepted"),
    OrderStatus.PROCESSING: gettext_lazy("Accepted"),
    OrderStatus.IN_PROGRESS: gettext_lazy("Running"),
    OrderStatus.COMPLETED: gettext_lazy("Done"),
    OrderStatus.PARTIAL: gettext_lazy("Done in part"),
    OrderStatus.CANCELED: gettext_lazy("Canceled"),
    OrderStatus.FAILED: gettext_lazy("Being looked at"),
}


@dataclass(frozen=True)
class Run:
    """One run or post. `delivered` is null while nobody knows, `ordered` as long as nobody knows
    how much the post gets."""

    number: int
    coin: str
    label: str
    delivered: int | None
    ordered: int | None
    is_post: bool = False

    @property
    def title(self) -> str:
        """What it is called: "Run 3", "Post 3"."""
        named = {"number": self.number}
        return _("Post %(number)s") % named if self.is_post else _("Run %(number)s") % named


@dataclass(frozen=True)
class Runs:
    """Those of an order; `terms` is how they were ordered."""

    ordered: int
    done: int
    terms: str
    latest: list[Run]
    are_posts: bool = False

    @property
    def one(self) -> str:
        """What one of them is called."""
        return _("Post") if self.are_posts else _("Run")

    @property
    def title(self) -> str:
        """What they are called together."""
        return _("Posts") if self.are_posts else _("Runs")

    @property
    def brief(self) -> str:
        return _("%(done)s of %(all)s") % self._said

    @property
    def words(self) -> str:
        if self.are_posts:
            return _("%(done)s of %(all)s posts done") % self._said
        return _("%(done)s of %(all)s runs done") % self._said

    @property
    def _said(self) -> dict[str, str]:
        return {"done": count(self.done), "all": count(self.ordered)}


def runs_of(order: Order) -> Runs | None:
    """The runs of an order that has some; one query, none for any other order."""
    return summed(order, children_of(order)) if order.runs else None


def summed(order: Order, children: Sequence[Child]) -> Runs:
    """The runs of an order, made of its children."""
    return Runs(
        ordered=order.runs or 1,
        done=sum(child.status in FINAL for child in children),
        terms=terms_of(order),
        latest=[run_of(child, order) for child in children[:MOST]],
        are_posts=order.is_subscription,
    )


def terms_of(order: Order) -> str:
    """How its runs or posts were ordered, in words."""
    if order.least_per_post is not None:
        return in_posts(order.least_per_post, order.quantity, order.runs or 1)
    return in_runs(order.quantity, order.runs or 1, int(order.details.get("interval") or 0))


def children_of(order: Order) -> list[Child]:
    """The latest run first; at most as many as were ordered."""
    return list(order.children.order_by("-number"))


def run_of(child: Child, order: Order) -> Run:
    return Run(
        child.number,
        str(child.status),
        str(LABELS[child.status]),
        _delivered(child, order),
        _size(child, order),
        order.is_subscription,
    )


def _size(child: Child, order: Order) -> int | None:
    return child.quantity if order.is_subscription else order.quantity


def _delivered(child: Child, order: Order) -> int | None:
    size = _size(child, order)
    if child.status == OrderStatus.CANCELED:
        return 0
    if child.status == OrderStatus.COMPLETED or size is None:
        return size if child.status == OrderStatus.COMPLETED else None
    if child.remains is None or child.remains > size:
        return None
    return size - max(child.remains, 0)


def left_in_words(order: Order) -> str:
    """What the runs left undelivered as far as it can be read, for whoever has to decide; "" for
    an order without runs that were told of."""
    children = children_of(order) if order.runs else []
    if not children:
        return ""
    if order.is_subscription:
        return _left_by_posts(order, children)
    each, clear = order.quantity, [one for one in children if _is_clear(one)]
    left = sum(each - (_delivered(one, order) or 0) for one in clear)
    unclear, to_come = len(children) - len(clear), (order.runs or 0) - len(children)
    named = {"done": count(len(clear)), "all": count(order.runs), "left": count(left)}
    said = [_("%(done)s of %(all)s runs have ended clearly; they leave %(left)s.") % named]
    each_of = {"each": count(each)}
    if unclear:
        words = _("Unclear: %(count)s of %(each)s each.")
        said.append(words % ({"count": count(unclear)} | each_of))
    if to_come:
        words = _("Never told of: %(count)s of %(each)s each.")
        said.append(words % ({"count": count(to_come)} | each_of))
    most = left + (unclear + to_come) * each
    if most > left:
        words = _("So between %(least)s and %(most)s remain.")
        said.append(words % {"least": count(left), "most": count(most)})
    return " ".join(said)


def _left_by_posts(order: Order, children: Sequence[Child]) -> str:
    posts, total = order.runs or 0, order.delivery_total or 0
    unsure = progress.unsure_posts(order, children)
    ended = [one for one in children if _is_clear(one) and one.number not in unsure]
    got = [_delivered(one, order) for one in ended]
    clear = [amount for amount in got if amount is not None]
    unclear, untold = len(children) - len(clear), posts - len(children)
    named = {"done": count(len(clear)), "all": count(posts), "got": count(sum(clear))}
    said = [_("%(done)s of %(all)s posts have ended clearly; they got %(got)s.") % named]
    each = {"each": count(order.quantity)}
    if unclear:
        words = _("Unclear: %(count)s of up to %(each)s each.")
        said.append(words % ({"count": count(unclear)} | each))
    if untold:
        words = _("Never told of: %(count)s of up to %(each)s each.")
        said.append(words % ({"count": count(untold)} | each))
    most = total - sum(clear)
    least = most - (unclear + untold) * order.quantity
    sides = {"least": count(least), "most": count(most), "all": count(total)}
    said.append(_("So between %(least)s and %(most)s of %(all)s remain.") % sides)
    return " ".join(said)


def _is_clear(child: Child) -> bool:
    return child.status in FINAL and not child.refund_unknown
