"""The runs of an order, or the posts of a subscription, as anybody may read them: how many are
done, and how far each is."""

from collections.abc import Sequence
from dataclasses import dataclass

from orders import progress
from orders.enums import OrderStatus
from orders.models import Child, Order
from orders.statuses import FINAL
from panel.delivery import in_posts, in_runs

MOST = 200
"""Runs that a page lists, the latest first."""

LABELS: dict[str, str] = {
    OrderStatus.PENDING: "Accepted",
    OrderStatus.PROCESSING: "Accepted",
    OrderStatus.IN_PROGRESS: "Running",
    OrderStatus.COMPLETED: "Done",
    OrderStatus.PARTIAL: "Done in part",
    OrderStatus.CANCELED: "Canceled",
    OrderStatus.FAILED: "Being looked at",
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


@dataclass(frozen=True)
class Runs:
    """Those of an order; `terms` is how they were ordered."""

    ordered: int
    done: int
    terms: str
    latest: list[Run]
    one: str = "Run"

    @property
    def brief(self) -> str:
        return f"{self.done:,} of {self.ordered:,}"

    @property
    def words(self) -> str:
        return f"{self.done:,} of {self.ordered:,} {self.one.lower()}s done"


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
        one="Post" if order.is_subscription else "Run",
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
        LABELS[child.status],
        _delivered(child, order),
        _size(child, order),
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
    said = [f"{len(clear):,} of {order.runs:,} runs have ended clearly; they leave {left:,}."]
    if unclear:
        said.append(f"Unclear: {unclear:,} of {each:,} each.")
    if to_come:
        said.append(f"Never told of: {to_come:,} of {each:,} each.")
    most = left + (unclear + to_come) * each
    if most > left:
        said.append(f"So between {left:,} and {most:,} remain.")
    return " ".join(said)


def _left_by_posts(order: Order, children: Sequence[Child]) -> str:
    posts, total = order.runs or 0, order.delivery_total or 0
    unsure = progress.unsure_posts(order, children)
    ended = [one for one in children if _is_clear(one) and one.number not in unsure]
    got = [_delivered(one, order) for one in ended]
    clear = [amount for amount in got if amount is not None]
    unclear, untold = len(children) - len(clear), posts - len(children)
    said = [f"{len(clear):,} of {posts:,} posts have ended clearly; they got {sum(clear):,}."]
    if unclear:
        said.append(f"Unclear: {unclear:,} of up to {order.quantity:,} each.")
    if untold:
        said.append(f"Never told of: {untold:,} of up to {order.quantity:,} each.")
    most = total - sum(clear)
    least = most - (unclear + untold) * order.quantity
    said.append(f"So between {least:,} and {most:,} of {total:,} remain.")
    return " ".join(said)


def _is_clear(child: Child) -> bool:
    return child.status in FINAL and not child.refund_unknown
