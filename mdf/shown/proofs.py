"""Where a proof of performance is seen."""

from django.urls import reverse

from core.ids import public_id
from core.models import StoredFile
from mdf.models import Proof


def proof_link(proof: Proof) -> str:
    """The address of its file, which asks who reads it and lends it for minutes, or the link; "" for words alone."""
    if proof.file_id:
        return reverse("file", args=[public_id(StoredFile.prefix, proof.file_id)])
    return proof.link
