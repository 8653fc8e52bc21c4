"""Coming with an invitation: its key goes from the address into the session, then to the form."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from orders import invitations
from panel.htmx import render
from panel.origins import guesses_too_much, note_guess
from panel.sign_up import HELD_INVITATION


@never_cache
@require_safe
def join(request: HttpRequest, key: str) -> HttpResponse:
    """Lead to the sign-up; an unknown, used, revoked or old key gets one answer."""
    if request.user.is_authenticated:
        return redirect("home")
    if refused := guesses_too_much(request):
        return refused
    if invitations.with_key(key, timezone.now()) is None:
        note_guess(request)
        return render(request, "account/invitation_gone.html", {}, status=404)
    request.session[HELD_INVITATION] = key
    response = redirect("account_signup")
    response["Referrer-Policy"] = "no-referrer"
    return response
