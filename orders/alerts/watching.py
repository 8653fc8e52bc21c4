"""The web's watch over the workers: the alarms that a silent worker cannot sound."""

from datetime import datetime, timedelta

from orders import languages
from orders.alerts.alarms import OF_THE_MACHINERY
from orders.alerts.looking import look
from orders.alerts.telling import deliver
from orders.models import Watch

PACE = timedelta(seconds=55)
"""Every web process comes by once a minute; one of them looks."""

WEB = "web"


def watch(now: datetime) -> str:
    """Look after the workers and tell what is to be told, unless another process just did."""
    if not take_turn(now):
        return "another looked"
    with languages.speaking_to(None):
        return f"{look(now, OF_THE_MACHINERY)}; {deliver(now)}"


def take_turn(now: datetime) -> bool:
    """Whether this process is the one that looks in this minute."""
    last = Watch.objects.filter(name=WEB).values_list("looked_at", flat=True).first()
    if last is None:
        return Watch.objects.get_or_create(name=WEB, defaults={"looked_at": now})[1]
    if last > now - PACE:
        return False
    # Read above so that most processes never write; this one update says whose turn it is.
    return bool(Watch.objects.filter(name=WEB, looked_at=last).update(looked_at=now))
