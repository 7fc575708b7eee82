"""The files of a claim: a file belongs to it once a proof names it, and goes when no proof does any more."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from core.errors import Refused
from core.files import attach, drop
from core.models import StoredFile
from mdf.models import Claim
from mdf.particulars import Shown


def hold(claim: Claim, shown: Sequence[Shown]) -> dict[UUID, StoredFile]:
    """Id → file of those that the proofs name. Raises Refused for a file of another claim or partner, or none."""
    wanted = {one.file_id for one in shown if one.file_id}
    own = Q(subject_id=claim.pk) | Q(subject_id=None, pk__in=wanted)
    here = {file.pk: file for file in StoredFile.objects.filter(own, partner_id=claim.partner_id)}
    if wanted - here.keys():
        raise Refused(_("A file was used already or is gone. Send it again."), code="file_gone", field="proofs")
    attach([file for file in here.values() if file.subject_id is None], claim)
    for file in here.values():
        if file.pk not in wanted:
            drop(file)
    return here
