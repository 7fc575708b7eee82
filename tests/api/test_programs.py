"""Rules of programs in the API: keys draft, try and ask; people alone publish."""

from copy import deepcopy

import pytest

from core.actor import SYSTEM
from tests.api.conftest import api_for, said
from tests.tiers.standing import AT, FILE
from tiers import documents, files, services
from tiers.models import ProgramVersion, Tier

pytestmark = pytest.mark.django_db

SAID = ("request", "publish", "give_back", "withdraw", "undo")


@pytest.fixture
def program(db):
    return services.load_program(FILE, by=SYSTEM, at=AT)[0]


@pytest.fixture
def draft(program):
    """A draft made by the vendor's key."""
    return api_for().post("program_versions", {"program_id": program.public_id, "reason": "Gold is 6"}).json()


def gold_at(n, definition):
    changed = deepcopy(definition)
    changed["tiers"][2]["requires"]["all"][0]["value"] = n
    return changed


def test_a_key_drafts_edits_tries_and_asks(draft):
    crm, path = api_for(), f"program_versions/{draft['id']}"
    assert (draft["status"], draft["number"], draft["reason"]) == ("draft", None, "Gold is 6")
    edited = crm.patch(path, {"definition": gold_at(6, draft["definition"])}, version=draft["version"]).json()
    assert edited["definition"]["tiers"][2]["requires"]["all"][0]["value"] == 6
    tried = crm.post(f"{path}/dry_run").json()["dry_run"]
    assert (tried["partners"], tried["up"], tried["down"], tried["margin"], tried["currency"]) == (
        0,
        0,
        0,
        "0.00",
        "USD",
    )
    asked = crm.post(f"{path}/request", {"effective_on": "2099-01-01"}).json()
    assert (asked["status"], asked["wanted_from"]) == ("requested", "2099-01-01")
    assert Tier.objects.get(key="gold").requires["all"][0]["value"] == 5


def test_a_key_never_publishes(draft):
    crm, path = api_for(), f"program_versions/{draft['id']}"
    crm.patch(path, {"definition": gold_at(6, draft["definition"])}, version=draft["version"])
    crm.post(f"{path}/request")
    assert said(crm.post(f"{path}/publish")) == (403, "permission_denied")
    assert ProgramVersion.objects.get(status="requested").number is None


def test_a_fault_is_told_with_its_path(draft):
    wrong = gold_at(6, draft["definition"])
    wrong["tiers"][2]["requires"]["all"][0]["op"] = "~"
    answer = api_for().patch(f"program_versions/{draft['id']}", {"definition": wrong}, version=draft["version"])
    assert "tiers[2].requires.all[0].op: unknown operator ~" in answer.content.decode()
    assert answer.status_code in (400, 409)


def test_a_partners_key_sees_no_draft_and_no_definition(draft, cast):
    acme = api_for(cast.acme)
    (one,) = acme.get("program_versions").json()["data"]
    assert (one["status"], "definition" in one, "dry_run" in one) == ("in_force", False, False)
    assert acme.get(f"program_versions/{draft['id']}").status_code == 404


@pytest.mark.parametrize("verb", ["dry_run", "request", "publish", "give_back", "discard", "withdraw", "undo"])
def test_a_partners_key_does_none_of_it(program, cast, verb):
    version = ProgramVersion.objects.get(status="in_force")
    answer = api_for(cast.acme).post(
        f"program_versions/{version.public_id}/{verb}", {"reason": "No"} if verb in SAID else {}
    )
    assert answer.status_code == 403


def test_what_is_in_force_is_no_longer_edited(program):
    version = ProgramVersion.objects.get(status="in_force")
    answer = api_for().patch(f"program_versions/{version.public_id}", {"reason": "Other"}, version=version.version)
    assert answer.status_code == 409


def test_the_whole_program_is_read_as_json_and_as_its_file(program):
    crm, path = api_for(scopes="programs:read"), f"programs/{program.public_id}/document"
    told = crm.get(path).json()
    assert told == {
        "object": "program_document", "program_id": program.public_id, "number": 1,
        "definition": documents.document(program),
    }  # fmt: skip
    file = crm.get(f"{path}.yaml")
    assert (file["Content-Type"], file["Content-Disposition"]) == (
        "application/yaml; charset=utf-8", f'attachment; filename="{program.key}.yaml"',
    )  # fmt: skip
    assert files.parse(file.content.decode(), "it") == [told["definition"]]


def test_what_was_read_comes_back_as_a_draft_that_changes_nothing(program):
    crm = api_for()
    told = crm.get(f"programs/{program.public_id}/document").json()
    drafted = crm.post("program_versions", {"program_id": told["program_id"], "definition": told["definition"]})
    assert drafted.status_code == 201
    assert documents.same(drafted.json()["definition"], told["definition"])


def test_the_document_is_the_vendors(program, cast):
    path = f"programs/{program.public_id}/document"
    assert said(api_for(cast.acme).get(path)) == (403, "permission_denied")
    assert said(api_for(cast.acme).get(f"{path}.yaml")) == (403, "permission_denied")
    assert said(api_for(scopes="tiers:read").get(path)) == (403, "insufficient_scope")
    assert said(api_for().get("programs/prg_00000000000000000000000000000000/document")) == (404, "not_found")
