"""How long a service takes, in words: only what was measured on our own orders."""

from django.utils.translation import gettext as _

from orders.speeds import Speed
from panel.display import about


def starts(speed: Speed) -> str:
    """Such as "in about 5 min"; "" where too few orders tell."""
    return "" if speed.to_start is None else _in_about(speed.to_start)


def done(speed: Speed) -> str:
    """Such as "in about 3 h 10 min"; "" where too few orders tell."""
    return "" if speed.to_completion is None else _in_about(speed.to_completion)


def sentence(speed: Speed) -> str:
    """Both in one line: "Usually starts in about 5 min, done in about 40 min"."""
    times = {"start": starts(speed), "end": done(speed)}
    if times["start"] and times["end"]:
        return _("Usually starts %(start)s, done %(end)s") % times
    if times["start"]:
        return _("Usually starts %(start)s") % times
    return _("Usually done %(end)s") % times if times["end"] else ""


def _in_about(seconds: float) -> str:
    return _("in about %(time)s") % {"time": about(seconds)}
