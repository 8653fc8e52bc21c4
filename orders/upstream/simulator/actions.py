"""The actions of API v2 and where each is answered."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from . import aftercare, following, selling
from .faults import GENERIC_ERROR
from .kinds import Refusal

if TYPE_CHECKING:
    from .world import Call, World


ACTIONS: dict[str, Callable[["World", "Call"], Any]] = {
    "services": selling.services,
    "add": selling.add,
    "status": following.status,
    "refill": aftercare.refill,
    "refill_status": aftercare.refill_status,
    "cancel": aftercare.cancel,
    "balance": selling.balance,
}


def answer(world: "World", call: "Call") -> Any:
    """What to write as JSON. Raises Refusal."""
    action = ACTIONS.get(call.action)
    if action is None:
        raise Refusal("Invalid action" if call.action else "Incorrect request")
    reply = action(world, call)
    return {"error": GENERIC_ERROR} if "generic_error_after" in call.faults else reply
