"""Many orders at once: typed or uploaded lines, checked together, placed one by one.

`reading` tells lines apart, `checking` says what each would do, `keeping` holds the text until
somebody confirms, `deciding` writes the lines down, stops them or takes them up again, and
`carrying` places them: each in a transaction of its own and with a `client_key` of its own.
"""

from orders.mass_orders.carrying import carry_out
from orders.mass_orders.checking import Check, Checked, check, total
from orders.mass_orders.deciding import AGAIN, Rest, again, confirm, mend, rests, stop, stop_all
from orders.mass_orders.keeping import forget, keep, retype, visible
from orders.mass_orders.reading import MOST_BYTES, MOST_LINES, Line, Source, decode, read
from orders.mass_orders.refusals import Refusal

__all__ = [
    "AGAIN",
    "MOST_BYTES",
    "MOST_LINES",
    "Check",
    "Checked",
    "Line",
    "Refusal",
    "Rest",
    "Source",
    "again",
    "carry_out",
    "check",
    "confirm",
    "decode",
    "forget",
    "keep",
    "mend",
    "read",
    "rests",
    "retype",
    "stop",
    "stop_all",
    "total",
    "visible",
]
