"""Invented words of the demo's market funds."""

from collections.abc import Mapping

from mdf.enums import ActivityType

LEADS = b"company,wants to talk\nCasa Lume,yes\nPonte Nova,later\nFarol Clinics,yes\n"
LINES: Mapping[str, tuple[str, str]] = {
    ActivityType.EVENT: ("Stand and stage", "Print and catering"),
    ActivityType.DIGITAL: ("Media spend", "Design of the advertisements"),
    ActivityType.CONTENT: ("Writing", "Layout and translation"),
    ActivityType.WORKSHOP: ("Room and equipment", "Speaker and catering"),
    ActivityType.OTHER: ("Materials", "Work"),
}
SUPPLIERS = ("Feira & Palco", "Adwind Media", "Quill & Leaf Studio", "Salon Meridian", "Printworks North")
METRICS = ("Qualified leads", "Booked demos", "Registrations", "Opportunities opened")
