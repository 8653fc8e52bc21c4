"""What came in from another panel: once for each row, and the files that wait for a second look."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from orders.enums import ImportKind
from orders.models.catalog import Service
from orders.models.people import Customer
from orders.money import MoneyField


class Arrival(models.Model):
    """That a service or a customer came in from a file. It comes in once; a later file that says
    otherwise is told of it and changes nothing."""

    service = models.OneToOneField(
        Service, models.PROTECT, null=True, blank=True, related_name="arrival"
    )
    customer = models.OneToOneField(
        Customer, models.PROTECT, null=True, blank=True, related_name="arrival"
    )
    figure = MoneyField(
        null=True, blank=True, help_text="price or balance in the file; empty: none was given"
    )
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="empty: the operator at the command line",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(service__isnull=False, customer__isnull=True)
                | Q(service__isnull=True, customer__isnull=False),
                name="arrival_of_one",
            )
        ]

    def __str__(self) -> str:
        return f"{self.service_id or self.customer_id} {self.at:%F %T}"


class ImportFile(models.Model):
    """A file that was uploaded and looked at. Its rows are kept as read, API keys as hashes, until
    each has come in or the file is forgotten."""

    kind = models.CharField(max_length=12, choices=ImportKind.choices)
    name = models.CharField(max_length=120)
    rows = models.JSONField(default=list, help_text="empty once it is begun: lines hold them then")
    rows_total = models.PositiveIntegerField()
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="empty: the operator at the command line",
    )
    uploaded_at = models.DateTimeField()
    started_at = models.DateTimeField(
        null=True, blank=True, help_text="when somebody said that it be carried out"
    )
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    lines_done = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict, help_text="what the lines so far came to")
    leased_until = models.DateTimeField(
        null=True, blank=True, help_text="a worker is at it, by the real clock"
    )
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["done_at", "uploaded_at"], name="import_file_by_age")]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class ImportLine(models.Model):
    """One line of a file that is being carried out, and what became of it, written with it."""

    file = models.ForeignKey(
        ImportFile, models.CASCADE, related_name="lines", db_index=False
    )  # the constraint's index serves
    line = models.PositiveIntegerField()
    row = models.JSONField(null=True, blank=True, help_text="as read; gone once the line is done")
    planned = models.CharField(
        max_length=32, blank=True, help_text="print of what a person was shown of it"
    )
    fate = models.CharField(max_length=12, blank=True, help_text="empty: still to come")
    text = models.TextField(blank=True, help_text="what there is to say of it")
    number = models.BigIntegerField(
        null=True, blank=True, help_text="of the service that it names, or the client it came to"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "line"], name="import_line_once")]
        indexes = [
            models.Index(fields=["file", "line"], condition=Q(fate=""), name="import_line_to_come"),
            models.Index(
                fields=["file", "line"], condition=~Q(text=""), name="import_line_remarked"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_id}:{self.line} {self.fate}"
