"""The words of a message: what is the matter, since when, where to look."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from orders import panel_settings
from orders.enums import AlertEvent
from orders.kept_words import told
from orders.models import Alert, AlertSettings


@dataclass(frozen=True)
class Tongue:
    """The panel's name, its clock, and where its alerts are read."""

    panel: str
    zone: tzinfo
    page_url: str

    @classmethod
    def of(cls, settings: AlertSettings) -> "Tongue":
        panel = panel_settings.current()
        return cls(panel.name, ZoneInfo(panel.time_zone), settings.page_url)

    def message(self, alert: Alert, event: AlertEvent) -> tuple[str, str]:
        """Title and text; the title on one line, whatever names hold."""
        ended = event == AlertEvent.ENDED
        title = told(alert.title)
        if ended:
            title = _("Over: %(title)s") % {"title": title}
        title = f"[{self.panel}] {title}"
        lines = [self._ending(alert)] if ended else [told(alert.text), self._beginning(alert)]
        if self.page_url:
            lines.append(self.page_url)
        return " ".join(title.split())[:250], "\n".join(line for line in lines if line)

    def trial(self) -> tuple[str, str]:
        """A message that tells nothing but that messages arrive."""
        lines = [_("Alerts of this panel arrive here. Nothing is the matter."), self.page_url]
        title = _("Test of the alerts")
        return f"[{self.panel}] {title}", "\n".join(line for line in lines if line)

    def _beginning(self, alert: Alert) -> str:
        since = alert.since or alert.seen_at
        return _("Since %(moment)s.") % {"moment": self._clock(since)}

    def _ending(self, alert: Alert) -> str:
        began, ended = alert.since or alert.seen_at, alert.gone_at or alert.ended_at
        assert ended is not None  # set by whoever ended it
        return _("From %(began)s to %(ended)s.") % {
            "began": self._clock(began),
            "ended": self._clock(ended),
        }

    def _clock(self, moment: datetime) -> str:
        local = moment.astimezone(self.zone)
        return f"{date_format(local, 'j M H:i')} {local:%Z}"
