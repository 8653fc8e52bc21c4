"""The types of service that API v2 knows, each declared once.

A declaration drives the form, the validation, the billable quantity, the total that `remains`
counts down from, and the parameters that are sent. `types` is the table.
"""

from orders.service_types.cleaning import clean
from orders.service_types.declaration import Details, Field, Limits, ServiceType
from orders.service_types.examples import example
from orders.service_types.link_sight import LinkSight, completed, look
from orders.service_types.links import link_key
from orders.service_types.sending import parameters
from orders.service_types.types import ALL, by_slug, field_names, find, why_not_orderable
from orders.service_types.values import MOST_LINES, count_lines

__all__ = [
    "ALL",
    "MOST_LINES",
    "Details",
    "Field",
    "Limits",
    "LinkSight",
    "ServiceType",
    "by_slug",
    "clean",
    "completed",
    "count_lines",
    "example",
    "field_names",
    "find",
    "link_key",
    "look",
    "parameters",
    "why_not_orderable",
]
