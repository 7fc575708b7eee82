"""Every change of the partners app, one function per verb."""

from partners.services.company import amend, edit, record_agreement, register, set_manager, write_note
from partners.services.contacts import add_contact, edit_contact, remove_contact
from partners.services.keys import issue_key, revoke_key
from partners.services.people import accept, change_role, expire, invite, remove, resend, revoke

__all__ = (
    "accept",
    "add_contact",
    "amend",
    "change_role",
    "edit",
    "edit_contact",
    "expire",
    "invite",
    "issue_key",
    "record_agreement",
    "register",
    "remove",
    "remove_contact",
    "resend",
    "revoke",
    "revoke_key",
    "set_manager",
    "write_note",
)
