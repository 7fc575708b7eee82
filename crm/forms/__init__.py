"""Uploads and the meaning of columns, from words of a form to particulars."""

from crm.forms.meaning import MeaningForm
from crm.forms.uploading import StartForm, UploadForm

__all__ = ["MeaningForm", "StartForm", "UploadForm"]
