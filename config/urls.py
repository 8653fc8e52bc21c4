"""Every address but the probes (config/health.py): the pages, sign-in, the raw-data window."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("account/", include("allauth.urls")),
    path("django-admin/", admin.site.urls),
    path("", include("panel.urls")),
]
