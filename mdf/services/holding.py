"""Locks in one order: the request, then its activity, then a claim; the ledger last."""

from uuid import UUID

from mdf.models import Activity, Claim, Request


def request(pk: UUID) -> Request:
    """The request, ours until the transaction ends: whoever works on anything of it waits."""
    return Request.objects.select_for_update(of=("self",)).get(pk=pk)


def activity(pk: UUID) -> Activity:
    """The activity, with its request held first."""
    request(Activity.objects.values_list("request_id", flat=True).get(pk=pk))
    return Activity.objects.select_for_update(of=("self",)).select_related("request").get(pk=pk)


def claim(pk: UUID) -> Claim:
    """The claim as it is now, with its request held first."""
    request(Claim.objects.values_list("activity__request_id", flat=True).get(pk=pk))
    return Claim.objects.select_for_update(of=("self",)).select_related("activity__request").get(pk=pk)
