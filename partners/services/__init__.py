"""Every change of the partners app, one function per verb."""

from partners.services.company import amend, edit, record_agreement, register, set_manager, write_note
from partners.services.contacts import add_contact, edit_contact, remove_contact
from partners.services.keys import issue_key, revoke_key
from partners.services.people import accept, change_role, expire, invite, remove, resend, revoke
from partners.services.together import (
    add_integration,
    agree_on_value,
    do_next_step,
    edit_integration,
    edit_value,
    go_live,
    log_call,
    plan_again,
    plan_year,
    retire,
    try_out,
    watch,
)

__all__ = (
    "accept",
    "add_contact",
    "add_integration",
    "agree_on_value",
    "amend",
    "change_role",
    "do_next_step",
    "edit",
    "edit_contact",
    "edit_integration",
    "edit_value",
    "expire",
    "go_live",
    "invite",
    "issue_key",
    "log_call",
    "plan_again",
    "plan_year",
    "record_agreement",
    "register",
    "remove",
    "remove_contact",
    "resend",
    "retire",
    "revoke",
    "revoke_key",
    "set_manager",
    "try_out",
    "watch",
    "write_note",
)
