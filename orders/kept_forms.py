"""Order forms that were filled in and not sent: kept for their customer, a few and for some days.

The token opens a form for that customer alone. What was typed is kept as it was, and is cleaned
when the order is placed.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from orders import sql
from orders.errors import Declined
from orders.models import Customer, KeptForm

MOST = 10
"""Of each customer; the oldest makes room."""

KEPT_FOR = timedelta(days=7)
LARGEST = 500_000
"""Characters of one form; a long list of comments fits."""

TOKEN_BYTES = 24


@dataclass(frozen=True)
class Kept:
    """What was typed, for which service."""

    service_id: int
    fields: dict[str, str]


def keep(customer: Customer, service_id: int, fields: Mapping[str, str], *, now: datetime) -> str:
    """Keep a form; returns its token. Raises `Declined` for one that is too large, and `Busy`."""
    typed = {str(name): str(value) for name, value in fields.items()}
    if len(json.dumps(typed, ensure_ascii=False)) > LARGEST:
        raise Declined(_("This is too long to be kept; copy it before you leave this page."))
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with sql.short_transaction():
        KeptForm.objects.create(
            customer=customer, token=token, service_id=service_id, fields=typed, kept_at=now
        )
        mine = KeptForm.objects.filter(customer=customer).order_by("-pk")
        KeptForm.objects.filter(pk__in=list(mine.values_list("pk", flat=True)[MOST:])).delete()
    return token


def kept(customer: Customer, token: str, *, now: datetime) -> Kept | None:
    """The form of that token, if it is this customer's and not too old."""
    fresh = KeptForm.objects.filter(customer=customer, kept_at__gt=now - KEPT_FOR)
    row = fresh.filter(token=token).first()
    return Kept(row.service_id, row.fields) if row else None
