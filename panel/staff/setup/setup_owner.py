"""The first page of an empty panel: whoever shows the set-up code becomes its owner."""

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from orders import first_run
from orders.errors import Declined
from panel.access import person
from panel.htmx import render
from panel.staff.amounts import add_refusal
from panel.staff.setup.setup_forms import OwnerForm

INVALID, TOO_MANY = 422, 429


@never_cache
@sensitive_post_parameters("password", "code")
def owner(request: HttpRequest) -> HttpResponse:
    """The form, and becoming the owner; once there is one, the way on."""
    if not first_run.awaits_owner():
        return redirect("staff:setup" if person(request).is_admin else "home")
    form = OwnerForm(request.POST or None)
    if request.method == "POST" and not ratelimit.consume(request, action="setup_code"):
        form.add_error(None, _("Too many tries from here. Wait ten minutes, then try again."))
        return render(request, "staff/setup/owner.html", {"form": form}, status=TOO_MANY)
    if request.method == "POST" and form.is_valid():
        try:
            staff = first_run.make_owner(**form.cleaned_data, now=timezone.now())
        except first_run.OwnerThere as late:
            messages.error(request, str(late))
            return redirect("home")
        except Declined as declined:
            add_refusal(form, declined)
        else:
            login(request, staff.user)
            messages.success(request, _("The panel is yours. These steps lead to the first order."))
            return redirect("staff:setup_panel")
    status = INVALID if form.errors else 200
    return render(request, "staff/setup/owner.html", {"form": form}, status=status)
