"""Public references in addresses: `<ref:reference>` matches D-7F3K2 and nothing a record's name could be."""

from django.urls import register_converter
from django.urls.converters import StringConverter


class ReferenceConverter(StringConverter):
    regex = r"[A-Z]-[0-9A-HJKMNP-TV-Z]{5,6}"


register_converter(ReferenceConverter, "ref")
