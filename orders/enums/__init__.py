"""The words of the engine: every column that holds one of a few values takes it from here."""

from orders.enums.aftercare import (
    CancellationStatus,
    NoCancel,
    NoRefill,
    RefillStatus,
)
from orders.enums.catalog import (
    ChangeKind,
    ImportKind,
    NotSold,
    PauseReason,
    SyncOutcome,
)
from orders.enums.money import (
    AccountKind,
    MovementKind,
    PaymentKind,
    TopUpStatus,
    TransferKind,
)
from orders.enums.ordering import (
    Decision,
    DripLimit,
    EventKind,
    HoldReason,
    MassLineState,
    NotPlaced,
    OrderStatus,
    RefusalFamily,
    SubmissionOutcome,
    Tier,
)
from orders.enums.people import (
    NoticeKind,
    SignUp,
)
from orders.enums.prices import (
    MarkupKind,
    PriceLevel,
)
from orders.enums.providers import (
    CallError,
    ProviderHold,
    SweepKind,
)
from orders.enums.watching import (
    AlarmKind,
    AlertChannel,
    AlertEvent,
    ReportBy,
    WebhookShape,
)

__all__ = [
    "AccountKind",
    "AlarmKind",
    "AlertChannel",
    "AlertEvent",
    "CallError",
    "CancellationStatus",
    "ChangeKind",
    "Decision",
    "DripLimit",
    "EventKind",
    "HoldReason",
    "ImportKind",
    "MarkupKind",
    "MassLineState",
    "MovementKind",
    "NoCancel",
    "NoRefill",
    "NotPlaced",
    "NotSold",
    "NoticeKind",
    "OrderStatus",
    "PauseReason",
    "PaymentKind",
    "PriceLevel",
    "ProviderHold",
    "RefillStatus",
    "RefusalFamily",
    "ReportBy",
    "SignUp",
    "SubmissionOutcome",
    "SweepKind",
    "SyncOutcome",
    "Tier",
    "TopUpStatus",
    "TransferKind",
    "WebhookShape",
]
