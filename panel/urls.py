"""The panel's pages."""

from django.urls import include, path

from panel.customer import tracking
from panel.home import home

urlpatterns = [
    path("", home, name="home"),
    path("staff/", include("panel.staff.urls")),
    path("my/", include("panel.customer.urls")),
    path("t/<str:key>/", tracking.order, name="tracking"),
]
