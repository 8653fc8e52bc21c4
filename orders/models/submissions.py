"""One sending of one order, and all that was seen of its answer."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from orders.enums import Decision, RefusalFamily, SubmissionOutcome
from orders.models.orders import Order
from orders.models.providers import Provider

STANDING = [SubmissionOutcome.OPEN, SubmissionOutcome.UNKNOWN, SubmissionOutcome.CREATED]


class Submission(models.Model):
    """A claim of an order, committed before anything is sent.

    The partial unique index is the promise "one submission is sent once": a second one can be
    claimed only after the first is known not to have been sent, refused, or dismissed by a person.
    """

    order = models.ForeignKey(Order, models.PROTECT, related_name="submissions", db_index=False)
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveSmallIntegerField(help_text="1, 2, … within the order")
    outcome = models.CharField(
        max_length=10, choices=SubmissionOutcome.choices, default=SubmissionOutcome.OPEN
    )
    worker = models.CharField(max_length=80, blank=True)
    claimed_at = models.DateTimeField()
    expires_at = models.DateTimeField(help_text="twice the deadline; then unconfirmed")
    sent_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    elapsed_ms = models.PositiveIntegerField(null=True, blank=True)
    http_status = models.PositiveSmallIntegerField(null=True, blank=True)
    answer = models.TextField(blank=True, help_text="as received, key cut out, shortened")
    answer_bytes = models.PositiveIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=60, blank=True, help_text="why unknown or not sent")
    family = models.CharField(max_length=12, choices=RefusalFamily.choices, blank=True)
    upstream_id = models.CharField(max_length=64, blank=True)

    # Only where the provider's profile declares a field for it; see submission.repeating.
    idempotency_key = models.CharField(max_length=40, blank=True, help_text="empty: none was sent")
    account_version = models.PositiveIntegerField(
        default=0, help_text="the provider's, when this was claimed"
    )
    repeats = models.PositiveSmallIntegerField(
        default=0, help_text="how often it was sent again with the same key"
    )
    repeat_after = models.DateTimeField(
        null=True, blank=True, help_text="when it may be sent again; empty: never"
    )

    decision = models.CharField(max_length=12, choices=Decision.choices, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.CharField(max_length=300, blank=True)

    late_answer = models.TextField(blank=True, help_text="came after a decision; changes nothing")
    late_upstream_id = models.CharField(max_length=64, blank=True)
    late_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(outcome__in=STANDING),
                name="one_standing_submission_per_order",
            ),
            models.UniqueConstraint(fields=["order", "number"], name="submission_number"),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"], condition=Q(outcome="open"), name="submission_to_expire"
            ),
            models.Index(
                fields=["repeat_after"],
                condition=Q(outcome="unknown", repeat_after__isnull=False),
                name="submission_to_repeat",
            ),
            models.Index(fields=["provider", "claimed_at"], name="submission_by_provider"),
            models.Index(
                fields=["claimed_at"],
                condition=~Q(answer="", late_answer=""),
                name="submission_with_answer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}/{self.number} {self.outcome}"
