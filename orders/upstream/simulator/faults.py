"""Faults by name: drawn for a call by probability, by "the next N calls", or by a word in a link
(a subscription has none: in its username).

`World` acts on those that change an answer's content, `wire` on those that happen to the
connection. A draw depends on the seed and on what is asked, so that a run can be repeated.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from .chance import draw

WIRE_BEFORE = ("latency", "refuse_connection", "timeout_before", "html_502_before", "redirect")
WIRE_AFTER = ("timeout_after", "reset_after", "html_502_after", "empty_body", "php_noise")
REFUSALS = {
    "bad_key": ("Invalid API key", 200),
    "suspended": ("Account suspended", 200),
    "rate_limit": ("Rate limit exceeded", 429),
    "no_funds": ("Not enough funds on balance", 200),
    "duplicate": ("neworder.error.link_duplicate", 200),
    "bad_link": ("neworder.error.link", 200),
    "generic_error_before": ("Order could not be created. Please try again later.", 200),
}
GENERIC_ERROR = "Internal error. Please try again later."
ENDING_FAULTS = ("partial", "canceled", "over_delivered", "completed_then_partial", "failed")
SHAPES = ("shape_list", "shape_bare_list", "shape_object", "shape_string")
PER_ORDER = ("missing_ids", "null_counts", "unknown_status")
CATALOG = ("price_rise", "vanished_services", "empty_catalog")

# The actions that a fault concerns unless it is set for another one; absent: every action.
ACTIONS = {
    **dict.fromkeys(("no_funds", "duplicate", "bad_link", "generic_error_before"), ("add",)),
    **dict.fromkeys(("generic_error_after", "taken_id", *ENDING_FAULTS), ("add",)),
    **dict.fromkeys(SHAPES, ("status", "services")),
    **dict.fromkeys(PER_ORDER, ("status",)),
    **dict.fromkeys(CATALOG, ("services",)),
    "wrong_currency": ("status", "balance"),
    "refill_rejected": ("refill",),
    "cancel_ignored": ("cancel",),
}
NAMES = frozenset((*WIRE_BEFORE, *WIRE_AFTER, *REFUSALS, *ACTIONS))
DEFAULT_VALUES = {"latency": 200, "price_rise": 40}
_LONGEST_FIRST = "|".join(sorted((n.replace("_", "-") for n in NAMES), key=len, reverse=True))
WORD = re.compile(rf"fault-({_LONGEST_FIRST})(-once)?(?:-(\d+))?")


class UnknownFault(ValueError):
    """No fault has this name, or its figures make no sense."""


@dataclass
class Fault:
    """`probability` of each call, or certain for the `next` so many; `value`: ms or per cent."""

    probability: float = 0
    next: int = 0
    action: str = ""
    value: int = 0

    def concerns(self, name: str, action: str) -> bool:
        """Whether it can happen to a call of `action`."""
        if self.action:
            return action == self.action
        return action in ACTIONS.get(name, (action,))


@dataclass
class Faults:
    """The faults that are switched on. `hold_seconds`: how long a time-out keeps the line."""

    seed: int
    hold_seconds: float = 30
    active: dict[str, Fault] = field(default_factory=dict)
    _seen: Counter[str] = field(default_factory=Counter)

    def set(self, name: str, spec: object) -> None:
        """Switch a fault on or off.

        `spec`: a probability; or a mapping with `probability`, `next`, `action`, `value` (`ms`);
        None or 0 switches it off. A plain figure for `latency` is its milliseconds.
        """
        if name not in NAMES:
            raise UnknownFault(f"No fault is named {name}. Known: {', '.join(sorted(NAMES))}.")
        fault = _read(name, spec)
        if fault.probability or fault.next:
            self.active[name] = fault
        else:
            self.active.pop(name, None)

    def drawn(self, action: str, params: Mapping[str, str], sequence: int) -> dict[str, int]:
        """The faults of this call with their values; uses up one of each "next"."""
        if action != "add":
            return self._active_for(action, str(sequence))
        words, about = self._words_of_add(params)
        return {**self._active_for(action, about), **words}

    def hits(self, name: str, *about: object) -> bool:
        """Whether a fault, by its probability alone, hits one order or service of an answer."""
        fault = self.active.get(name)
        return bool(fault and draw(self.seed, name, *about) < fault.probability)

    def _active_for(self, action: str, about: str) -> dict[str, int]:
        drawn = {}
        for name, fault in list(self.active.items()):
            if fault.concerns(name, action) and self._strikes(name, fault, action, about):
                drawn[name] = fault.value
        return drawn

    def _strikes(self, name: str, fault: Fault, action: str, about: str) -> bool:
        if fault.next:
            fault.next -= 1
            if not fault.next and not fault.probability:
                del self.active[name]
            return True
        if name in PER_ORDER or name in ("price_rise", "vanished_services"):
            return False
        return draw(self.seed, name, action, about) < fault.probability

    def _words_of_add(self, params: Mapping[str, str]) -> tuple[dict[str, int], str]:
        link = params.get("link", "")
        about = f"{params.get('service')} {link} {params.get('username', '')}"
        self._seen[about] += 1
        times = self._seen[about]
        return words_of(link or params.get("username", ""), first=times == 1), f"{about} {times}"


def words_of(link: str, first: bool = True) -> dict[str, int]:
    """The faults that a link asks for; those that end in `-once` only when it is the `first`."""
    found = {}
    for name, once, value in WORD.findall(link.lower().replace("_", "-")):
        if first or not once:
            name = name.replace("-", "_")
            found[name] = int(value) if value else DEFAULT_VALUES.get(name, 0)
    return found


def _read(name: str, spec: object) -> Fault:
    default = DEFAULT_VALUES.get(name, 0)
    try:
        if isinstance(spec, Mapping):
            return Fault(
                probability=_share(spec.get("probability", 0)),
                next=int(spec.get("next", 0)),
                action=str(spec.get("action", "")),
                value=int(spec.get("ms", spec.get("value", default))),
            )
        if name == "latency" and not isinstance(spec, bool):
            return Fault(probability=1 if spec else 0, value=int(str(spec or 0)))
        return Fault(probability=_share(spec or 0), value=default)
    except (TypeError, ValueError) as error:
        raise UnknownFault(f"{name}: {spec!r} is not a fault's figure.") from error


def _share(number: object) -> float:
    share = float(str(int(number) if isinstance(number, bool) else number))
    if not 0 <= share <= 1:
        raise ValueError("a probability is between 0 and 1")
    return share


def parse(text: str) -> dict[str, object]:
    """`timeout_after@add=0.02,latency=200` as specifications for `Faults.set`."""
    specs: dict[str, object] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, _, figure = part.partition("=")
        name, _, action = name.partition("@")
        if name not in NAMES:
            raise UnknownFault(f"No fault is named {name}. Known: {', '.join(sorted(NAMES))}.")
        struck = {"probability": "1", "ms": figure or "200"}
        if name != "latency":
            struck = {"probability": figure or "1"}
        specs[name] = struck | {"action": action}
    return specs
