"""Every table of the engine in Django's stock admin, to look at. Nothing is changed here."""

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db import models
from django.http import HttpRequest

SECRET = {"password", "key_sealed", "webhook_sealed", "extra_parameters"}
COLUMNS = 10


class ReadOnly(admin.ModelAdmin):
    """A table to look at, without its secrets and without counting all its rows."""

    show_full_result_count = False
    list_per_page = 50
    actions = None

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    has_change_permission = has_delete_permission = has_add_permission

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(getattr(request.user, "is_superuser", False))

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [field.name for field in self.model._meta.fields if field.name in SECRET]


def columns(model: type[models.Model]) -> list[str]:
    """The first short columns, foreign keys by number, so that a list asks once."""
    long = (models.TextField, models.JSONField)
    return [
        field.attname
        for field in model._meta.concrete_fields
        if not isinstance(field, long) and field.name not in SECRET
    ][:COLUMNS]


for _model in apps.get_app_config("orders").get_models():
    admin.site.register(_model, ReadOnly, list_display=columns(_model), ordering=["-pk"])
