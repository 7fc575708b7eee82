"""The one way to a file: its lasting address asks who you are and leads to a link that is good for minutes."""

from django.core.signing import BadSignature
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext_lazy as _

from core.doors import Page, one_or_404
from core.errors import Forbidden
from core.files import lending, store
from core.ids import parse_public_id
from core.models import StoredFile

# Whatever the file holds, no browser runs it, guesses at it or keeps it.
HARMLESS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class FilePage(Page):
    """`/files/<id>/`: what pages link to."""

    audience = ("partner", "vendor")

    def get(self, request, file: str) -> HttpResponse:
        rows = StoredFile.objects.visible_to(self.actor)
        found = one_or_404(rows, pk=parse_public_id(StoredFile.prefix, file))
        return redirect("file_lent", lending.token(found, self.actor.id, self.at))


class Lent(Page):
    """`/files/lent/<token>/`: the bytes. After the time, after signing out and for others there is nothing here."""

    audience = ("partner", "vendor", "anonymous")

    def dispatch(self, request, *args, **kwargs):
        if request.actor.kind == "anonymous":
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request, token: str) -> FileResponse:
        try:
            pk = lending.read(token, self.actor.id, self.at)
        except (BadSignature, ValueError) as error:
            raise Forbidden(_("This link was changed. Open the file from its page again.")) from error
        return self.lend(one_or_404(StoredFile.objects.visible_to(self.actor), pk=pk))

    def lend(self, file: StoredFile) -> FileResponse:
        try:
            content = store.open_file(file)
        except FileNotFoundError as error:
            raise Http404 from error
        answer = FileResponse(content, as_attachment=True, filename=file.name, content_type=file.kind)
        for name, value in HARMLESS.items():
            answer.headers[name] = value
        return answer


patterns = [
    path("files/lent/<str:token>/", Lent.as_view(), name="file_lent"),
    path("files/<str:file>/", FilePage.as_view(), name="file"),
]
