"""Which language somebody is spoken to in: the one that they chose, else the panel's.

What the panel says to nobody in particular, such as an alert to a channel that many read, it says
in its own. Programs, logs and the operator's commands are spoken to in English.
"""

from contextlib import AbstractContextManager
from typing import Any

from django.conf import settings
from django.utils import translation

from orders import panel_settings
from orders.models import Panel, User


def known(code: str | None) -> str:
    """The code of a language that the panel speaks; "" for any other."""
    return code if code and code in dict(settings.LANGUAGES) else ""


def of(user: Any, panel: Panel) -> str:
    """The language of somebody's letters: their own, else the panel's."""
    own = known(getattr(user, "language", ""))
    return own or known(panel.language) or settings.LANGUAGE_CODE


def choose(user: User, code: str) -> None:
    """Keep what somebody chose for themselves; a language that the panel lacks is none."""
    user.language = known(code)
    User.objects.filter(pk=user.pk).update(language=user.language)


def speaking_to(user: Any) -> AbstractContextManager[None]:
    """Write in the language of this person; None: in the panel's own."""
    return translation.override(of(user, panel_settings.current()))
