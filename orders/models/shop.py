"""What the shop keeps beside its orders: stars, measured times, forms that are not sent yet."""

from django.db import models

from orders.models.catalog import Service
from orders.models.people import Customer


class Favourite(models.Model):
    """A service that a customer has starred."""

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="favourites", db_index=False
    )
    service = models.ForeignKey(Service, models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "service"], name="favourite_once")
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} likes {self.service_id}"


class ServiceTime(models.Model):
    """How long a service's latest completed orders took, from their placement on."""

    service = models.OneToOneField(
        Service, models.CASCADE, primary_key=True, related_name="measured"
    )
    measured_at = models.DateTimeField()
    completed = models.PositiveSmallIntegerField(help_text="orders that were measured")
    to_completion = models.PositiveIntegerField(
        null=True, blank=True, help_text="median, in seconds; null with too few orders"
    )
    started = models.PositiveSmallIntegerField(help_text="those of them seen at their start")
    to_start = models.PositiveIntegerField(
        null=True, blank=True, help_text="median until seen to run, in seconds; null likewise"
    )

    class Meta:
        indexes = [models.Index(fields=["measured_at"], name="service_time_by_age")]

    def __str__(self) -> str:
        return f"{self.service_id}: {self.to_completion} s"


class KeptForm(models.Model):
    """An order that was filled in and not placed: for lack of funds, or to come back to."""

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="kept_forms", db_index=False
    )
    token = models.CharField(max_length=43, unique=True)
    service = models.ForeignKey(Service, models.CASCADE, related_name="+")
    fields = models.JSONField(help_text="as typed, not cleaned")
    kept_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["customer", "-id"], name="kept_form_by_customer"),
            models.Index(fields=["kept_at"], name="kept_form_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.kept_at:%F %T}"
