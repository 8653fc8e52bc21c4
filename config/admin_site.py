"""Django's stock admin as a window: superusers may look, nobody may change anything."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest
from django.shortcuts import redirect


class ReadOnlyAdminSite(AdminSite):
    """For superusers only, behind the panel's own sign-in (its rate limits, its second factor)."""

    site_header = site_title = "Halfpenny, raw data (read only)"

    def register(self, model_or_iterable: Any, *args: Any, **options: Any) -> None:
        """Our own tables only: other packages register theirs for editing, secrets and all."""
        single = isinstance(model_or_iterable, type)
        given: list[Any] = [model_or_iterable] if single else list(model_or_iterable)
        ours = [model for model in given if model._meta.app_label == "orders"]
        super().register(ours, *args, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and getattr(request.user, "is_superuser", False))

    def login(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("account_login")

    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("account_logout")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("account_change_password")


class ReadOnlyAdminConfig(AdminConfig):
    default_site = "config.admin_site.ReadOnlyAdminSite"
