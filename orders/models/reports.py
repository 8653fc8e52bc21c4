"""Daily roll-ups: sums of what was sold, and the marks that say which days are to be summed anew.

Whatever changes an order, a refill or its money leaves a mark in the same transaction; triggers
write it (`orders.reports.marks`), so no verb can forget.
"""

from django.db import models

from orders.enums import ReportBy
from orders.money import ZERO, MoneyField


class DaySum(models.Model):
    """The sums of one day (in the panel's time zone) of one service, customer, provider, person;
    or of a whole month, which is the sum of its days.

    Money moved counts on the day on which it moved, all else on the day of the order's placement.
    `key` is the id of what `by` names, or 0 for what has none. The sums of a day are the same
    whatever they are taken by. Beside those of all customers stand those of each member's own;
    by customer only the former, which serve everybody.
    """

    day = models.DateField(help_text="of a month its first one")
    is_month = models.BooleanField(default=False)
    clients_of = models.BigIntegerField(
        default=0, help_text="the member who manages these customers now; 0: all customers"
    )
    by = models.PositiveSmallIntegerField(choices=ReportBy.choices)
    key = models.BigIntegerField(help_text="its id; 0: none; -1: the command line")

    charged = MoneyField(default=ZERO, help_text="transfers of kind order")
    refunded = MoneyField(default=ZERO, help_text="transfers of kind refund")

    charge = MoneyField(default=ZERO, help_text="upstream's charge, quoted where not known yet")
    known = MoneyField(default=ZERO, help_text="the known part of it")
    orders = models.IntegerField(default=0)
    quoted = models.IntegerField(default=0, help_text="orders that count as quoted")
    completed = models.IntegerField(default=0)
    partial = models.IntegerField(default=0)
    canceled = models.IntegerField(default=0, help_text="canceled or refused")
    refilled = models.IntegerField(default=0, help_text="for which a refill was asked")
    otherwise = models.IntegerField(default=0, help_text="completed, not charged as quoted")
    otherwise_quoted = MoneyField(default=ZERO)
    otherwise_charged = MoneyField(default=ZERO)
    below = models.IntegerField(default=0, help_text="orders that brought less than they cost")
    loss = MoneyField(default=ZERO, help_text="by how much, together")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["by", "clients_of", "is_month", "day", "key"], name="one_sum_a_span"
            ),
        ]
        indexes = [models.Index(fields=["is_month", "day"], name="sums_by_span")]

    def __str__(self) -> str:
        return f"{self.day} {self.get_by_display()} {self.key}"


class StaleMoment(models.Model):
    """A mark: something of the day of this moment has changed since it was summed."""

    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="stale_by_moment")]

    def __str__(self) -> str:
        return f"{self.at:%F %T}"


class MovedClient(models.Model):
    """A mark: this customer came to this member or went from them, and their sums do not know yet.

    It is `is_spread` once the customer's days are marked, and goes when those are summed.
    """

    customer_id = models.BigIntegerField()
    staff_id = models.BigIntegerField()
    is_spread = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["staff_id"], name="moved_by_member")]

    def __str__(self) -> str:
        return f"{self.customer_id} and {self.staff_id}"


class ReportState(models.Model):
    """The one row that says how the roll-ups stand; whoever sums a day holds it locked."""

    is_whole = models.BooleanField(
        default=False, help_text="months and members' own sums are there for all that there is"
    )
    zone = models.CharField(max_length=60, blank=True, help_text="in which days were summed")
    summed_at = models.DateTimeField(null=True, blank=True, help_text="when no mark was left")
    checking = models.DateField(null=True, blank=True, help_text="day the check has come to")
    checked_at = models.DateTimeField(null=True, blank=True)
    found = models.JSONField(default=list, blank=True, help_text="what the check has found so far")
    findings = models.JSONField(default=list, blank=True, help_text="what the last whole one found")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="one_report_state"),
        ]

    def __str__(self) -> str:
        return f"summed {self.summed_at}"
