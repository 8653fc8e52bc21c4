"""The types of service that API v2 knows, each declared once.

A declaration drives the form, the validation, the billable quantity, the total that `remains`
counts down from, and the parameters that are sent. `types` is the table.
"""

from orders.service_types.cleaning import clean
from orders.service_types.declaration import Details, Field, Limits, ServiceType
from orders.service_types.links import link_key
from orders.service_types.sending import parameters
from orders.service_types.types import ALL, by_slug, find, why_not_orderable

__all__ = [
    "ALL",
    "Details",
    "Field",
    "Limits",
    "ServiceType",
    "by_slug",
    "clean",
    "find",
    "link_key",
    "parameters",
    "why_not_orderable",
]
