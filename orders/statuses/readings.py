"""A status in words, and the words of our own API."""

from dataclasses import dataclass

from orders.enums import OrderStatus, RefillStatus

_S, _R = OrderStatus, RefillStatus

API_WORDS: dict[OrderStatus, str] = {
    _S.WAITING: "Pending",
    _S.SENDING: "Pending",
    _S.UNCONFIRMED: "Pending",
    _S.PENDING: "Pending",
    _S.PROCESSING: "Processing",
    _S.IN_PROGRESS: "In progress",
    _S.COMPLETED: "Completed",
    _S.PARTIAL: "Partial",
    _S.CANCELED: "Canceled",
    _S.REFUSED: "Canceled",
    _S.FAILED: "Processing",
}

REFILL_API_WORDS: dict[RefillStatus, str] = {
    _R.REQUESTED: "Pending",
    _R.SENDING: "Pending",
    _R.UNKNOWN: "Pending",
    _R.PENDING: "Pending",
    _R.IN_PROGRESS: "In progress",
    _R.COMPLETED: "Completed",
    _R.REJECTED: "Rejected",
    _R.CANCELED: "Canceled",
    _R.FAILED: "Error",
}


def api_word(status: OrderStatus | str) -> str:
    """The word that our own API gives for this status."""
    return API_WORDS[OrderStatus(status)]


def refill_api_word(status: RefillStatus | str) -> str:
    """The word that our own API gives for this status of a refill."""
    return REFILL_API_WORDS[RefillStatus(status)]


@dataclass(frozen=True)
class Reading:
    """A status in words. `title` stands alone in lists; `str()` is the whole sentence."""

    title: str
    sentence: str = ""
    joint: str = ". "

    def __str__(self) -> str:
        return f"{self.title}{self.joint}{self.sentence}".rstrip()
