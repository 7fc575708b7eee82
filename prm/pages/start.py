"""The public start, and where somebody lands after signing in."""

from django.shortcuts import redirect, render

from prm.nav import address


def start(request):
    """Visitors see what this is; who is signed in goes to their own first page."""
    actor = request.actor
    if actor.is_partner:
        return redirect("portal:home")
    if actor.is_vendor:
        decides = any(actor.can(p) for p in ("deal.decide", "partner.edit", "note.write", "staff.manage"))
        return redirect("admin:index" if decides else "metrics:dashboard")
    return render(request, "pages/start.html", {"demo_url": address("demo")})
