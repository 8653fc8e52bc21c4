"""What staff tell each other about an order; customers never read it."""

from datetime import datetime

from django.utils.translation import gettext as _

from orders import history
from orders.enums import EventKind
from orders.errors import FieldErrors
from orders.models import Event, Order, User
from orders.spelling import count

LONGEST = 500


def write(order: Order, text: str, *, by: User, now: datetime) -> Event:
    """Keep a note in the order's history, with who and when. Raises `FieldErrors`."""
    text = text.strip()
    if not text:
        raise FieldErrors({"text": _("Type what the others should know.")})
    if len(text) > LONGEST:
        raise FieldErrors(
            {
                "text": _("At most %(longest)s signs; this has %(text)s.")
                % {"longest": LONGEST, "text": count(len(text))}
            }
        )
    line = history.line(order.pk, EventKind.NOTE, now, person_id=by.pk, detail=text)
    return Event.objects.create(**line._asdict())
