"""What can be known about an order whose answer was lost, for the person who decides.

`balance` compares the readings around its sending, `neighbours` looks at ids next to ours,
`leaning` says what that leans to, and `looking` reads anew, for five minutes.
"""

from orders.evidence.balance import Balance, around
from orders.evidence.leaning import Suggestion, suggestion
from orders.evidence.looking import GOOD_FOR, is_good, last_probe, latest, look, require, standing
from orders.evidence.neighbours import MOST_PROBED, Neighbour, Probe, candidates, probe_of

__all__ = [
    "GOOD_FOR",
    "MOST_PROBED",
    "Balance",
    "Neighbour",
    "Probe",
    "Suggestion",
    "around",
    "candidates",
    "is_good",
    "last_probe",
    "latest",
    "look",
    "probe_of",
    "require",
    "standing",
    "suggestion",
]
