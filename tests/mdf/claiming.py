"""The form of a claim as a browser sends it, and a photo from a phone."""

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from core.ids import uuid7


def photo(name: str = "fair.jpg", colour: str = "red") -> SimpleUploadedFile:
    target = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(target, "JPEG")
    return SimpleUploadedFile(name, target.getvalue(), "image/jpeg")


def typed(**changes) -> dict:
    """The whole form with links for proofs."""
    invoice = {
        "supplier": "Fair & Co", "invoice_number": "F-1", "invoice_date": "2026-11-20", "currency": "usd",
        "net_amount": "600", "recoverable_tax": "", "other_tax": "", "budget_line": "",
    }  # fmt: skip
    top = {"draft": str(uuid7()), "amount": "", "leads": "12", "attendees": "", "pipeline": "", "do": "send"}
    proofs = {f"proof{n}-link": "acme.example/fair" for n in range(4)}
    rows = {"invoice": "0", "proof": ["0", "1", "2", "3"]} | {f"invoice0-{k}": v for k, v in invoice.items()}
    return top | rows | proofs | changes
