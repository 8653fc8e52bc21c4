"""Markups and the levels they are said on."""

from django.db.models import TextChoices


class MarkupKind(TextChoices):
    """How a markup is said: per cent on cost, an amount per 1000, or the selling rate itself."""

    PERCENT = "percent", "Percent"
    PER_1000 = "per_1000", "Amount per 1000"
    FIXED_RATE = "fixed_rate", "Fixed rate"


class PriceLevel(TextChoices):
    """Whose markup acts, the most specific first."""

    TYPED_TOTAL = "typed_total", "Typed total"
    TYPED = "typed", "Typed markup"
    CUSTOMER_SERVICE = "customer_service", "Customer and service"
    CUSTOMER_CATEGORY = "customer_category", "Customer and category"
    CUSTOMER = "customer", "Customer"
    STAFF = "staff", "Staff member's own"
    SERVICE = "service", "Service"
    CATEGORY = "category", "Category"
    PANEL = "panel", "Panel"
