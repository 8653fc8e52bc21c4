"""The panel watches itself and wakes the owner (docs/alerts.md).

`alarms` says what is a trouble, `facts` is what they look at, `looking` begins and ends alerts,
`telling` sends both ends, `watching` does it from the web when the workers are silent.
"""

from orders.alerts.alarms import ALARMS
from orders.alerts.configuring import change, current, forget_webhook, recipients, set_webhook
from orders.alerts.looking import look
from orders.alerts.sight import OpenAlert, alerts_for, open_alerts
from orders.alerts.telling import Outcome, deliver, run, troubled_tellings, try_channels
from orders.alerts.watching import watch

__all__ = [
    "ALARMS",
    "OpenAlert",
    "Outcome",
    "alerts_for",
    "change",
    "current",
    "deliver",
    "forget_webhook",
    "look",
    "open_alerts",
    "recipients",
    "run",
    "set_webhook",
    "troubled_tellings",
    "try_channels",
    "watch",
]
