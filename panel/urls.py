"""The panel's pages."""

from django.urls import include, path

from panel.customer import tracking
from panel.home import home
from panel.staff.setup.setup_owner import owner

urlpatterns = [
    path("", home, name="home"),
    path("setup/", owner, name="setup"),
    path("staff/", include("panel.staff.urls")),
    path("my/", include("panel.customer.urls")),
    path("t/<str:key>/", tracking.order, name="tracking"),
]
