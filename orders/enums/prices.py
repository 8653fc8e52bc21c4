"""Markups and the levels they are said on."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class MarkupKind(TextChoices):
    """How a markup is said: per cent on cost, an amount per 1000, or the selling rate itself."""

    PERCENT = "percent", _("Percent")
    PER_1000 = "per_1000", _("Amount per 1000")
    FIXED_RATE = "fixed_rate", _("Fixed rate")


class PriceLevel(TextChoices):
    """Whose markup acts, the most specific first."""

    TYPED_TOTAL = "typed_total", _("Typed total")
    TYPED = "typed", _("Typed markup")
    CUSTOMER_SERVICE = "customer_service", _("Customer and service")
    CUSTOMER_CATEGORY = "customer_category", _("Customer and category")
    CUSTOMER = "customer", _("Customer")
    STAFF = "staff", _("Staff member's own")
    SERVICE = "service", _("Service")
    CATEGORY = "category", _("Category")
    PANEL = "panel", _("Panel")
