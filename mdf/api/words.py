"""What the resources of market funds share."""

from core.api.kinds import Text, money
from core.api.resources import READ, Field, Ref

PARTNER = Field("partner_id", Ref("partners"), write=READ, null=False, filter=True)
OWN_CURRENCY = Field("currency", Text(3), write=READ, null=False, filter=True)
REASON = (Field("reason", Text(2000), "text", required=True),)
QUESTION = (Field("question", Text(2000), "text", required=True),)
ANSWER = (Field("text", Text(2000), required=True),)


def sums(*names: str) -> tuple[Field, ...]:
    """Sums of the moment: they move without a new version."""
    return tuple(Field(name, money(), write=READ, null=False) for name in names)
