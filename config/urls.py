"""Every address but the probes (config/health.py): the pages, sign-in, the raw-data window."""

from django.contrib import admin
from django.urls import include, path

from panel.home import sign_in

urlpatterns = [
    path("account/login/", sign_in),
    path("account/", include("allauth.urls")),
    path("django-admin/", admin.site.urls),
    path("", include("panel.urls")),
]
