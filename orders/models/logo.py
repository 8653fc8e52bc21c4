"""The panel's own logo, one row, apart from the settings that every request reads."""

from django.db import models


class Logo(models.Model):
    """A small picture. `digest` names it in its address, so that browsers may keep it for good."""

    content_type = models.CharField(max_length=20)
    content = models.BinaryField()
    digest = models.CharField(max_length=64, unique=True)
    set_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.digest[:12]
