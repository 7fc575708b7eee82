"""Public references in addresses: `<ref:reference>` matches D-7F3K2 and nothing a record's name could be."""

from django.urls import register_converter


class ReferenceConverter:
    regex = r"[A-Z]-[0-9A-HJKMNP-TV-Z]{5,6}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(ReferenceConverter, "ref")
