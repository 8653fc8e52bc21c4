"""An empty panel: the code that its first person shows, and the owner that they become.

The code keeps a stranger who finds a fresh panel first from owning it. Whoever started the panel
reads it in the log of `migrate` or asks `manage.py setup_code`. It follows from SECRET_KEY, so it
is the same in every process and after every restart, and nothing of it is stored. It opens
nothing once there is an owner.
"""

from base64 import b32encode
from datetime import datetime
from typing import Any

import structlog
from django.db import DEFAULT_DB_ALIAS, IntegrityError, connections
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from orders import members, sql
from orders.errors import FieldErrors, StateChanged
from orders.models import Staff

log = structlog.get_logger(__name__)

GROUPS, GROUP = 3, 4
"""Twelve signs of 32 are 60 bits: nobody guesses that through a web page."""


class OwnerThere(StateChanged):
    """Somebody owns the panel already."""

    def __init__(self) -> None:
        super().__init__(_("This panel has its owner already. Sign in, or ask them to add you."))


def is_empty() -> bool:
    """Whether nobody of the house is there yet."""
    return not Staff.objects.exists()


def awaits_owner() -> bool:
    """Whether the set-up code still opens the panel."""
    return not Staff.objects.filter(is_owner=True).exists()


def setup_code() -> str:
    """The code, as it is shown: "K7QF-2M6X-PTRD". Letters A to Z and digits 2 to 7."""
    digest = salted_hmac("orders.first_run", "the first owner", algorithm="sha256").digest()
    signs = b32encode(digest).decode()
    return "-".join(signs[n * GROUP : (n + 1) * GROUP] for n in range(GROUPS))


def make_owner(code: str, *, email: str, password: str, name: str, now: datetime) -> Staff:
    """The panel's first owner. Of two people who try at once, one becomes it.

    Raises `FieldErrors`, or `OwnerThere`.
    """
    if not awaits_owner():
        raise OwnerThere
    if not constant_time_compare(_plain(code), _plain(setup_code())):
        raise FieldErrors({"code": _("This is not the code. It stands in the log of the start.")})
    if not name.strip():
        raise FieldErrors({"name": _("Type your name; the trail of changes shows it.")})
    try:
        with sql.short_transaction():
            staff = members.add_staff(
                email=email, password=password, name=name, is_admin=True, now=now
            )
            if not staff.is_owner:
                raise OwnerThere
    except (IntegrityError, FieldErrors) as clash:
        # Of two at once the second is told by the table, or by the check before it.
        if isinstance(clash, FieldErrors) and awaits_owner():
            raise
        raise OwnerThere from clash
    return staff


def announce(*, using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """Write the code into the log after `migrate`, as long as there is no owner."""
    tables = connections[using].introspection.table_names()
    if using == DEFAULT_DB_ALIAS and Staff._meta.db_table in tables and awaits_owner():
        log.warning("panel.has_no_owner", open="/setup/", code=setup_code())


def _plain(code: str) -> str:
    """The signs alone: people type small letters, blanks and no hyphens."""
    return "".join(sign for sign in code.upper() if sign.isascii() and sign.isalnum())
