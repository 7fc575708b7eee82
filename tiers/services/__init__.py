"""Every change of the tiers app, one function per verb."""

from tiers.services.assessments import assess, enrol
from tiers.services.benefit_requests import (
    agree_to,
    ask_for,
    decline_request,
    finish_request,
    why_not,
    withdraw_request,
)
from tiers.services.facts import put_computed, put_facts, send_figure, set_figure
from tiers.services.programs import load_program
from tiers.services.putting_in_force import take_effect as put_in_force
from tiers.services.review_decisions import (
    defer,
    demote,
    give_notice,
    notice_over,
    plan_review,
    promote,
    promote_all,
    remind,
    review_due,
    take_effect,
    waive,
)
from tiers.services.review_overrides import (
    agree_override,
    end,
    lift_override,
    propose_override,
    refuse_override,
    start,
)
from tiers.services.review_standing import give_tier
from tiers.services.reviews import follow
from tiers.services.versions import discard as discard_draft
from tiers.services.versions import draft, dry_run, publish, undo, withdraw
from tiers.services.versions import edit as edit_draft
from tiers.services.versions import give_back as give_draft_back
from tiers.services.versions import request as request_publication

__all__ = (
    "agree_override", "agree_to", "ask_for", "assess", "decline_request", "defer", "demote", "discard_draft", "draft",
    "dry_run", "edit_draft", "end", "enrol", "finish_request", "follow", "give_draft_back", "give_notice", "give_tier",
    "lift_override", "load_program", "notice_over", "plan_review", "promote", "promote_all", "propose_override",
    "publish", "put_computed", "put_facts", "put_in_force", "refuse_override", "remind", "request_publication",
    "review_due", "send_figure", "set_figure", "start", "take_effect", "undo", "waive", "why_not", "withdraw",
    "withdraw_request",
)  # fmt: skip
