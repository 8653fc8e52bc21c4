"""Who uses the panel: a sign-in, the staff behind some of them, the customers behind others."""

from decimal import Decimal

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from orders.money import ZERO, MoneyField


class UserManager(BaseUserManager["User"]):
    """Makes sign-ins by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> "User":
        return self.create_user(email, password, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A sign-in by e-mail. What it may do follows from the Staff or Customer row beside it."""

    email = models.EmailField("e-mail address", unique=True)
    name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(null=True, blank=True)
    language = models.CharField(
        max_length=8, blank=True, default="", db_default="", help_text="empty: the panel's"
    )

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_staff(self) -> bool:
        """Whether Django's stock admin lets this person in: superusers only."""
        return self.is_superuser

    def get_short_name(self) -> str:
        return self.name or self.email

    get_full_name = get_short_name


class Staff(models.Model):
    """Somebody who works for the house: their markup, limits and switches."""

    user = models.OneToOneField(User, models.PROTECT, related_name="staff")
    is_admin = models.BooleanField(default=False)
    is_owner = models.BooleanField(default=False)
    sees_all_customers = models.BooleanField(default=False)
    sees_cost = models.BooleanField(default=False)
    decides_reviews = models.BooleanField(default=False)
    daily_limit = MoneyField(
        default=Decimal(200), help_text="credit given out and review refunds together, a day"
    )
    big_order_limit = MoneyField(default=Decimal(500), help_text="price that asks for confirming")
    till_limit = MoneyField(
        null=True, blank=True, help_text="cash that their till may hold; empty: any amount"
    )
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "staff"
        constraints = [
            models.UniqueConstraint(
                fields=["is_owner"], condition=Q(is_owner=True), name="one_owner"
            ),
            models.CheckConstraint(
                condition=Q(is_owner=False) | Q(is_admin=True), name="owner_is_admin"
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)

    @property
    def name(self) -> str:
        return str(self.user)


class Customer(models.Model):
    """A client, with a sign-in or without: owns a wallet and the orders placed for it."""

    name = models.CharField(max_length=120)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=20, blank=True, help_text="digits, with country code")
    user = models.OneToOneField(
        User, models.PROTECT, null=True, blank=True, related_name="customer"
    )
    manager = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="customers"
    )
    credit_limit = MoneyField(default=ZERO)
    is_blocked = models.BooleanField(default=False)
    repeats_ok = models.BooleanField(
        default=False, help_text="whether programs may order the very same twice within a minute"
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"), condition=~Q(email=""), name="customer_email_once"
            ),
            models.UniqueConstraint(
                fields=["phone"], condition=~Q(phone=""), name="customer_phone_once"
            ),
            models.CheckConstraint(condition=Q(credit_limit__gte=0), name="credit_limit_positive"),
        ]
        indexes = [
            models.Index(fields=["manager", "-id"], name="customer_by_manager"),
            models.Index(fields=["name", "id"], name="customer_by_name"),
        ]

    def __str__(self) -> str:
        return self.name
