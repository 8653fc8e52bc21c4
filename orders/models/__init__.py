"""Every table of Halfpenny."""

from orders.models.alerts import Alert, AlertSettings, Telling, Watch
from orders.models.api_keys import ApiKey
from orders.models.catalog import Category, Offer, Service, SyncChange, SyncRun
from orders.models.children import Child, Family
from orders.models.followups import (
    CANCEL_IN_FLIGHT,
    REFILL_IN_FLIGHT,
    Cancellation,
    Refill,
)
from orders.models.invitations import Invitation
from orders.models.ledger import Account, LedgerCheck, TillClosing, Transfer
from orders.models.logo import Logo
from orders.models.machinery import AuditEntry, Heartbeat, Sweep
from orders.models.mass_orders import MassLine, MassOrder
from orders.models.messages import Conversation, Message, Notice, NoticeChoices
from orders.models.movements import Evidence, Movement
from orders.models.moving_in import Arrival, ImportFile, ImportLine
from orders.models.orders import Event, Order
from orders.models.people import Customer, Staff, User
from orders.models.pricing import Bound, MarkupRule, Panel
from orders.models.providers import BalanceReading, CallTimes, Provider, ProviderState
from orders.models.reports import DaySum, MovedClient, ReportState, StaleMoment
from orders.models.shop import Favourite, KeptForm, ServiceTime
from orders.models.submissions import STANDING, Submission
from orders.models.topups import OPEN_TOP_UPS, PaymentMethod, TopUp, TopUpProof
from orders.models.tracking import TrackingAddress

__all__ = [
    "CANCEL_IN_FLIGHT",
    "OPEN_TOP_UPS",
    "REFILL_IN_FLIGHT",
    "STANDING",
    "Account",
    "Alert",
    "AlertSettings",
    "ApiKey",
    "Arrival",
    "AuditEntry",
    "BalanceReading",
    "Bound",
    "CallTimes",
    "Cancellation",
    "Category",
    "Child",
    "Conversation",
    "Customer",
    "DaySum",
    "Event",
    "Evidence",
    "Family",
    "Favourite",
    "Heartbeat",
    "ImportFile",
    "ImportLine",
    "Invitation",
    "KeptForm",
    "LedgerCheck",
    "Logo",
    "MarkupRule",
    "MassLine",
    "MassOrder",
    "Message",
    "MovedClient",
    "Movement",
    "Notice",
    "NoticeChoices",
    "Offer",
    "Order",
    "Panel",
    "PaymentMethod",
    "Provider",
    "ProviderState",
    "Refill",
    "ReportState",
    "Service",
    "ServiceTime",
    "Staff",
    "StaleMoment",
    "Submission",
    "Sweep",
    "SyncChange",
    "SyncRun",
    "Telling",
    "TillClosing",
    "TopUp",
    "TopUpProof",
    "TrackingAddress",
    "Transfer",
    "User",
    "Watch",
]
