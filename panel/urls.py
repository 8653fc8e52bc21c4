"""The panel's pages, and the address of the API."""

from django.urls import include, path, re_path

from panel import branding, languages, offline, payment_news
from panel.api.endpoint import endpoint
from panel.customer import join, tracking
from panel.home import home
from panel.staff.setup.setup_owner import owner

urlpatterns = [
    path("", home, name="home"),
    path("setup/", owner, name="setup"),
    path("staff/", include("panel.staff.urls")),
    path("my/", include("panel.customer.urls")),
    path("language/", languages.choose, name="language"),
    path("texts/<str:code>/<str:version>.js", languages.script_texts, name="script_texts"),
    path("join/<str:key>/", join.join, name="join"),
    path("pay/news/<int:number>/", payment_news.hear, name="payment_news"),
    path("logo/<str:digest>/", branding.logo, name="logo"),
    path("worker.js", offline.worker, name="worker"),
    path("offline/", offline.page, name="offline"),
    path("offline/sent/", offline.page, name="offline_sent"),
    re_path(r"^api/v2/?$", endpoint, name="api"),
    path("t/<str:key>/", tracking.order, name="tracking"),
]
