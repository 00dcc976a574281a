"""Where one is signed in, and ending sessions."""

from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from organizations import sessions
from organizations.models import User
from organizations.requests import AppRequest


@require_safe
@login_required
def own_sessions(request: AppRequest) -> HttpResponse:
    context = {
        "sessions": sessions.listed(request),
        "idle_minutes": settings.SESSION_IDLE_MINUTES,
        "hours": settings.SESSION_COOKIE_AGE // 3600,
    }
    return render(request, "account/sessions.html", context)


@require_POST
@login_required
def end_session(request: AppRequest, pk: int) -> HttpResponse:
    return _end(request, only=pk)


@require_POST
@login_required
def end_other_sessions(request: AppRequest) -> HttpResponse:
    return _end(request)


def _end(request: AppRequest, only: int | None = None) -> HttpResponse:
    user = cast(User, request.user)
    current = request.session.session_key
    ended = sessions.end(request.actor, user, reason="ended by its owner", but=current, only=only)
    messages.success(request, f"{ended} session{'' if ended == 1 else 's'} ended.")
    return redirect("sessions")
