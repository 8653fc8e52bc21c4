"""The words of the alarms. An alert keeps them in English; who reads it may read another tongue."""

from django.utils.translation import gettext_noop, ngettext_lazy

from orders.enums import ProviderHold
from orders.kept_words import Sentence

ORDERS = Sentence(ngettext_lazy("%(count)s order", "%(count)s orders", "count"))
MANY_ORDERS = Sentence(gettext_noop("%(count)s+ orders"))
QUOTED = Sentence(gettext_noop("“%(words)s”"))
LENGTHS = (
    (3600, Sentence(gettext_noop("%(count)s h"))),
    (60, Sentence(gettext_noop("%(count)s min"))),
    (1, Sentence(gettext_noop("%(count)s s"))),
)

# ── The machinery ────────────────────────────────────────────────────────────────────────────

ONLY_BEAT = gettext_noop("Beat is at work: every worker is gone, or the broker.")
NOT_EVEN_BEAT = gettext_noop(
    "Beat is silent too: beat and the workers are gone, or the database was away."
)
NO_JOB = Sentence(
    gettext_noop(
        "No job begins; nothing is sent or checked. %(who)s Start them; the rows are the queue."
    )
)
MACHINERY_SILENT = gettext_noop("Machinery silent")
BEAT_SILENT = gettext_noop("Timetable silent")
NO_BEAT = gettext_noop(
    "No periodic job is asked for; only new orders still wake a worker. Start beat."
)
JOB_SILENT = Sentence(gettext_noop("Job %(job)s silent"))
JOB_LATE = Sentence(
    gettext_noop("It should begin every %(length)s. The worker of its queue is gone or stuck.")
)
UNCHECKED = gettext_noop("Orders are not asked about in time")
ROUNDS_MISSED = Sentence(
    gettext_noop("They are to be asked about every %(length)s, and two rounds are missed.")
)
IDLE = Sentence(gettext_noop("%(orders)s waiting for over %(minutes)s min, and nothing holds them"))
NO_WORKER = gettext_noop("No worker takes the queue send, or the catalog was not read for an hour.")

# ── Providers ────────────────────────────────────────────────────────────────────────────────

RESTORED = gettext_noop("Sending is stopped: the database was restored")
AFTER_RESTORE = gettext_noop(
    "Orders may have been sent since the backup. The operator runs after_restore."
)
STOPPED = gettext_noop("Sending is stopped everywhere")
STOPPED_THERE = Sentence(gettext_noop("Sending to %(provider)s is stopped"))
_PROBED = gettext_noop("It is probed every half minute.")
HELD = {
    ProviderHold.FUNDS: (
        Sentence(gettext_noop("%(provider)s has no funds")),
        gettext_noop("Top up there, nothing else."),
    ),
    ProviderHold.KEY: (
        Sentence(gettext_noop("%(provider)s refused our key")),
        gettext_noop("Ask there, or type a new key."),
    ),
    ProviderHold.DOWN: (Sentence(gettext_noop("%(provider)s is not answering")), _PROBED),
    ProviderHold.BUSY: (Sentence(gettext_noop("%(provider)s asked us to slow down")), _PROBED),
}
ORDERS_WAIT = gettext_noop("Orders wait, nobody is refunded.")
RESTS = Sentence(gettext_noop("Reading from %(provider)s rests"))
CALLS_FAILED = Sentence(
    ngettext_lazy(
        "%(count)s call in a row failed. %(last)s Tried again.",
        "%(count)s calls in a row failed. %(last)s Tried again.",
        "count",
    )
)
BALANCE_LOW = Sentence(gettext_noop("The balance at %(provider)s runs low"))
UNDER = Sentence(gettext_noop("%(balance)s: under %(least)s. Top up there."))
LASTS = Sentence(
    gettext_noop("%(balance)s: about %(hours)s h left at the pace of the last day. Top up there.")
)
UNDER_AND_LASTS = Sentence(
    gettext_noop(
        "%(balance)s: under %(least)s, about %(hours)s h left at the pace of the last day. "
        "Top up there."
    )
)
CATALOG_HELD = Sentence(gettext_noop("The catalog of %(provider)s is held"))
GONE_AT_ONCE = Sentence(
    ngettext_lazy(
        "%(count)s offer is gone at once. Decide.",
        "%(count)s offers are gone at once. Decide.",
        "count",
    )
)

# ── Orders and money ─────────────────────────────────────────────────────────────────────────

BOOKS_WRONG = gettext_noop("The books do not add up")
UNDERSTAND_FIRST = Sentence(
    gettext_noop("%(finding)s. Stop selling until it is understood; check_ledger lists everything.")
)
UNCONFIRMED = Sentence(gettext_noop("%(orders)s unconfirmed for over %(minutes)s min"))
AT_STAKE = Sentence(gettext_noop("%(amount)s at stake. Decide in the review queue."))
GONE = Sentence(gettext_noop("%(amount)s gone at %(provider)s, unexplained"))
NOT_OURS = gettext_noop(
    "In the last 24 hours. No order of ours accounts for it. Were orders bought past the panel?"
)
MORE = Sentence(gettext_noop("%(amount)s more at %(provider)s, unexplained"))
RECORD_IT = gettext_noop(
    "In the last 24 hours. Record it if you topped up; else the provider gave something back."
)
PRICE_HELD = Sentence(gettext_noop("%(orders)s held, cost changed"))
NOT_COVERED = Sentence(
    gettext_noop(
        "The price of %(amount)s does not cover cost and floor any more. "
        "Send at a loss, cancel, or wait for the cost to fall."
    )
)
TILL_FULL = Sentence(gettext_noop("The till of %(member)s is over its limit"))
INTO_SAFE = Sentence(gettext_noop("It holds more than %(amount)s. Into the safe."))
