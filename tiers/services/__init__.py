"""Every change of the tiers app, one function per verb."""

from tiers.services.assessments import assess, enrol, put_facts, set_figure
from tiers.services.programs import load_program
from tiers.services.reviews import defer, give_tier, promote

__all__ = ("assess", "defer", "enrol", "give_tier", "load_program", "promote", "put_facts", "set_figure")
