"""Judgement about deals: pure, every fact handed in."""

from deals.rules.bars import (
    appeal_is_over,
    appealed_before,
    below_minimum,
    capacity_reached,
    conflict_open,
    customer_closed,
    incomplete,
    no_agreement,
    not_assessed,
    not_confirmed,
    partner_stands_aside,
    past_grace,
    queued,
    same_person,
    still_protected,
)
from deals.rules.clocks import Life, Span, clocks, next_reminder, restarted
from deals.rules.conflicts import Claimant, Dispute, Proposal, propose, qualification, unfit
from deals.rules.policy import Policy, Standing, decision_due, expiring_from, protection, roles_of
from deals.rules.verdicts import worst

__all__ = (
    "Claimant",
    "Dispute",
    "Life",
    "Policy",
    "Proposal",
    "Span",
    "Standing",
    "appeal_is_over",
    "appealed_before",
    "below_minimum",
    "capacity_reached",
    "clocks",
    "conflict_open",
    "customer_closed",
    "decision_due",
    "expiring_from",
    "incomplete",
    "next_reminder",
    "no_agreement",
    "not_assessed",
    "not_confirmed",
    "partner_stands_aside",
    "past_grace",
    "propose",
    "protection",
    "qualification",
    "queued",
    "restarted",
    "roles_of",
    "same_person",
    "still_protected",
    "unfit",
    "worst",
)
