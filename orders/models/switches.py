"""The three stop switches, the same for one provider and for the whole panel."""

from django.conf import settings
from django.db import models


class StopSwitches(models.Model):
    """Not sold, not sent, not polled: each on its own, with who stopped it and why."""

    not_sold = models.BooleanField(default=False)
    not_sent = models.BooleanField(default=False)
    not_polled = models.BooleanField(default=False)
    stopped_reason = models.CharField(max_length=200, blank=True)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    stopped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
