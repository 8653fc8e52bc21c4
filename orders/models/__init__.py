"""Every table of Halfpenny."""

from orders.models.catalog import Category, Offer, Service, SyncChange, SyncRun
from orders.models.followups import (
    CANCEL_IN_FLIGHT,
    REFILL_IN_FLIGHT,
    Cancellation,
    Refill,
)
from orders.models.ledger import Account, TillClosing, Transfer
from orders.models.machinery import AuditEntry, Heartbeat, Sweep
from orders.models.orders import Event, Order
from orders.models.people import Customer, Staff, User
from orders.models.pricing import Bound, MarkupRule, Panel
from orders.models.providers import BalanceReading, Provider, ProviderState
from orders.models.submissions import STANDING, Submission
from orders.models.tracking import TrackingAddress

__all__ = [
    "CANCEL_IN_FLIGHT",
    "REFILL_IN_FLIGHT",
    "STANDING",
    "Account",
    "AuditEntry",
    "BalanceReading",
    "Bound",
    "Cancellation",
    "Category",
    "Customer",
    "Event",
    "Heartbeat",
    "MarkupRule",
    "Offer",
    "Order",
    "Panel",
    "Provider",
    "ProviderState",
    "Refill",
    "Service",
    "Staff",
    "Submission",
    "Sweep",
    "SyncChange",
    "SyncRun",
    "TillClosing",
    "TrackingAddress",
    "Transfer",
    "User",
]
