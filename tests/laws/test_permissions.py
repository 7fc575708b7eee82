"""Who may do what, as the product promises it, and every permission that code asks for."""

import ast
from collections.abc import Iterable, Mapping

import pytest

from core.workflow import SYSTEM_ONLY
from partners import roles
from partners.enums import MemberRole, StaffRole
from tests.laws.source import Module, none, program

# The promise. Partner: admin, sales, marketing, finance, viewer. Vendor: channel manager, channel marketing, channel
# operations, finance, executive, administrator, viewer. In the vendor's hands deal.register, deal.update and
# member.invite are on behalf of a partner.
PARTNER = ("admin", "sales", "marketing", "finance", "viewer")
VENDOR = (
    "channel_manager",
    "channel_marketing",
    "channel_operations",
    "finance",
    "executive",
    "administrator",
    "viewer",
)
PROMISED = """
                     A S M F V  CM MK OP FI EX AD VI
deal.register        + + . . .  +  .  +  .  .  .  .
deal.update          + + . . .  +  .  +  .  .  .  .
deal.decide          . . . . .  +  .  +  .  .  .  .
deal.approve         . . . . .  +  .  +  +  +  .  .
deal.approve_operations . . . . .  .  .  +  .  .  .  .
deal.approve_finance . . . . .  .  .  .  +  .  .  .
deal.approve_executive . . . . .  .  .  .  .  +  .  .
lead.route           . . . . .  +  +  +  .  .  .  .
lead.answer          + + . . .  +  .  +  .  .  .  .
touch.claim          + + + . .  +  +  +  .  .  .  .
touch.confirm        . . . . .  +  .  +  .  .  .  .
attribution.decide   . . . . .  .  .  +  .  .  .  .
routing.edit         . . . . .  .  +  +  .  .  .  .
account.edit         . . . . .  +  .  +  .  .  .  .
opportunity.edit     . . . . .  +  .  +  .  .  .  .
crm.import           . . . . .  .  .  +  .  .  +  .
training.take        + + + + +  +  +  +  +  +  +  .
member.invite        + . . . .  +  .  +  .  .  .  .
invitation.accept    + + + + +  .  .  .  .  .  .  .
profile.edit         + . . . .  .  .  .  .  .  .  .
key.create           + . . . .  .  .  .  .  .  .  .
partner.edit         . . . . .  +  .  +  .  .  .  .
partner.approve      . . . . .  +  .  +  .  .  .  .
partner.suspend      . . . . .  +  .  +  .  .  .  .
partner.offboard     . . . . .  .  .  +  .  .  .  .
agreement.sign       + . . . .  .  .  .  .  .  .  .
onboarding.work      + + + + .  .  .  .  .  .  .  .
onboarding.decide    . . . . .  +  .  +  .  .  .  .
application.answer   + . . . .  .  .  .  .  .  .  .
partner.watch        . . . . .  +  +  +  .  .  +  .
partner.merge        . . . . .  .  .  +  .  .  .  .
partner.export       . . . . .  .  .  +  .  .  +  .
program.edit         . . . . .  .  .  +  .  .  +  .
program.publish      . . . . .  .  .  +  .  .  +  .
tier.decide          . . . . .  +  .  +  .  .  .  .
benefit.request      + + + . .  +  .  +  .  .  .  .
benefit.decide       . . . . .  +  +  +  .  .  .  .
mdf.request          + . + . .  +  +  .  .  .  .  .
mdf.claim            + . + . .  +  +  .  .  .  .  .
mdf.decide           . . . . .  +  +  +  +  .  .  .
mdf.decide_manager   . . . . .  +  +  .  .  .  .  .
mdf.decide_operations . . . . .  .  .  +  .  .  .  .
mdf.decide_finance   . . . . .  .  .  .  +  .  .  .
mdf.pay              . . . . .  .  .  +  +  .  .  .
mdf.budget           . . . . .  .  .  +  +  .  .  .
mdf.allocate         . . . . .  .  +  +  .  .  .  .
metric.read          . . . . .  +  +  +  +  +  +  .
earnings.read        + . . + .  +  .  +  +  .  .  .
earnings.dispute     + . . + .  .  .  .  .  .  .  .
earnings.decide      . . . . .  .  .  +  +  .  .  .
usage.report         + + . + .  +  .  +  +  .  .  .
revenue.enter        . . . . .  .  .  .  +  .  .  .
rate.edit            . . . . .  .  .  +  +  .  .  .
payout.prepare       . . . . .  .  .  +  +  .  .  .
payout.approve       . . . . .  .  .  +  +  .  .  .
bank.edit            + . . + .  .  .  .  +  .  .  .
note.write           . . . . .  +  +  +  .  .  .  .
staff.manage         . . . . .  .  .  .  .  .  +  .
vendor_key.create    . . . . .  .  .  .  .  .  +  .
delivery.manage      . . . . .  .  .  .  .  .  +  .
"""
# Permissions that no role holds → who has them instead.
ROLELESS = {SYSTEM_ONLY: "sweeps and services"}


def promised(table: str = PROMISED) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """permission → (roles at a partner, roles at the vendor)."""
    found = {}
    for line in table.strip().splitlines()[1:]:
        name, *marks = line.split()
        held = [role for role, mark in zip((*PARTNER, *VENDOR), marks, strict=True) if mark == "+"]
        found[name] = frozenset(held[: marks[:5].count("+")]), frozenset(held[marks[:5].count("+") :])
    return found


def held(permissions: Mapping[str, tuple]) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    return {name: (frozenset(map(str, p)), frozenset(map(str, v))) for name, (p, v) in permissions.items()}


def test_roles_hold_what_the_product_promises():
    assert held(roles.PERMISSIONS) == promised()
    assert (tuple(MemberRole.values), tuple(StaffRole.values)) == (PARTNER, VENDOR)


def test_a_permission_in_the_wrong_hands_is_found():
    planted = roles.PERMISSIONS | {"deal.decide": ((MemberRole.ADMIN,), roles.PERMISSIONS["deal.decide"][1])}
    assert held(planted) != promised()


def asked(modules: Iterable[Module]) -> dict[str, str]:
    """permission → where code asks for it: Step(…), .can(…), .require(…), permission = … and navigation lines."""
    return {word: m.where(node) for m in modules for node, word in _asks(m)}


def _asks(module: Module) -> Iterable[tuple[ast.AST, str]]:
    for call in module.calls():
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        if name in ("can", "require") and call.args:
            yield from _words(call.args[0])
        if name == "Step" and len(call.args) > 3:
            yield from _words(call.args[3])
        if name == "Resource":
            yield from (w for k in call.keywords if k.arg == "writers" for w in _words(k.value))
    for node in module.nodes:
        if (
            isinstance(node, ast.Assign | ast.AnnAssign)
            and node.value
            and "permission" in ast.unparse(node).split("=")[0]
        ):
            yield from _words(node.value)


def _words(node: ast.AST) -> Iterable[tuple[ast.AST, str]]:
    texts = (n for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str))
    return ((n, n.value) for n in texts if "." in n.value and " " not in n.value)


def without_a_holder(words: Mapping[str, str], permissions: Mapping[str, tuple]) -> list[str]:
    """Permissions that code asks for and nobody has."""
    holders = {name for name, (partner, vendor) in permissions.items() if partner or vendor}
    return [f"{where} {word}" for word, where in words.items() if word not in holders and word not in ROLELESS]


def test_every_permission_is_held_by_a_role():
    none([name for name, (partner, vendor) in roles.PERMISSIONS.items() if not partner and not vendor])
    none(without_a_holder(asked(program()), roles.PERMISSIONS))


def test_scopes_permit_known_permissions_alone():
    granted = {name for pair in roles.SCOPES.values() for side in pair for name in side}
    assert granted <= set(roles.PERMISSIONS)


@pytest.mark.parametrize(
    "planted",
    [
        'Step("approve", (S.OPEN,), S.DONE, "deal.bless", "blessed")',
        'actor.can("deal.bless")',
        'by.require("deal.bless")',
        'class Page:\n    permission = "deal.bless"',
        'Resource("deals", writers=("deal.bless",))',
    ],
)
def test_a_permission_that_nobody_holds_is_found(planted):
    words = asked([Module("deals/workflow.py", planted)])
    assert len(without_a_holder(words, roles.PERMISSIONS)) == 1


def test_partners_never_hold_what_decides_about_them():
    decisions = {
        "deal.decide",
        "tier.decide",
        "partner.approve",
        "partner.suspend",
        "partner.offboard",
        "onboarding.decide",
        "partner.edit",
        "account.edit",
        "opportunity.edit",
    }
    assert {name for role in MemberRole for name in roles.of_member(role)} & decisions == set()
