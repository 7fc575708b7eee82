"""The production files hold together: compose, Dockerfile, nginx, make."""

import os
import re
import subprocess

import pytest
import yaml

from prm import embedded
from prm.celery import app

ROOT = embedded.ROOT
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
PROGRAM = ["beat", "migrate", "web", "worker"]


def test_the_services_of_production():
    assert sorted(SERVICES) == ["beat", "migrate", "nginx", "postgres", "redis", "web", "worker"]


def test_every_service_that_stays_has_a_health_check_and_comes_back():
    stay = {name for name, service in SERVICES.items() if "healthcheck" in service}
    back = {name for name, service in SERVICES.items() if service["restart"] == "unless-stopped"}
    assert stay == back == set(SERVICES) - {"migrate"}


def test_only_the_proxy_is_reached_from_outside():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]


def test_only_migrations_know_the_owner():
    knows = [name for name in PROGRAM if "prm_owner_password" in SERVICES[name]["secrets"]]
    told = [name for name in PROGRAM if "DATABASE_OWNER_URL" in SERVICES[name]["environment"]]
    assert knows == told == ["migrate"]


def test_every_secret_a_service_names_exists_and_is_made_by_new_secrets(tmp_path):
    used = {name for service in SERVICES.values() for name in service.get("secrets", [])}
    assert used == set(COMPOSE["secrets"])
    script = tmp_path / "deploy" / "new-secrets"
    script.parent.mkdir()
    script.write_bytes((ROOT / "deploy" / "new-secrets").read_bytes())
    script.chmod(0o755)
    subprocess.run([script], check=True)
    made = {path.name: path.read_text() for path in (script.parent / "secrets").iterdir()}
    assert set(made) == used
    assert {len(value) for value in made.values()} == {80}
    subprocess.run([script], check=True)
    assert {path.name: path.read_text() for path in (script.parent / "secrets").iterdir()} == made


def test_every_file_compose_mounts_or_runs_exists():
    mounts = [one.split(":")[0] for service in SERVICES.values() for one in service.get("volumes", [])]
    named = [path for path in mounts if path.startswith("./") and path != "./deploy/certs"]
    commands = [service["command"][0] for name, service in SERVICES.items() if name in PROGRAM]
    scripts = [word for word in commands if word.startswith("deploy/")]
    assert [path for path in [*named, *scripts] if not (ROOT / path).exists()] == []
    assert [path for path in scripts if not os.access(ROOT / path, os.X_OK)] == []


def test_program_containers_write_nowhere_but_data():
    for name in PROGRAM:
        assert (name, SERVICES[name]["read_only"], SERVICES[name]["cap_drop"]) == (name, True, ["ALL"])


def test_images_are_named_with_a_version():
    images = [service["image"] for name, service in SERVICES.items() if name not in PROGRAM]
    assert [image for image in images if not re.search(r":\d", image)] == []


def test_the_image_runs_as_an_ordinary_user():
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert [line for line in lines if line.startswith("USER")] == ["USER prm"]


def test_the_timetable_names_functions_that_exist():
    app.loader.import_default_modules()
    assert [name for name in app.conf.beat_schedule if name not in app.tasks] == []


@pytest.mark.parametrize("lock", ["run", "test", "lint", "bootstrap"])
def test_locks_have_hashes_and_no_addresses(lock):
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    pins = re.findall(r"^[A-Za-z0-9][^\s=]*==\S+", text, re.MULTILINE)
    assert len(re.findall(r"^[A-Za-z0-9].*\\$", text, re.MULTILINE)) == len(pins) > 0
    assert re.findall(r"https?:|file:|--index|--find|/", re.sub(r"--hash=\S+", "", text)) == []


def test_make_help_names_every_command_of_the_contract():
    said = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    names = {line.split()[0] for line in said.splitlines()}
    assert {"demo", "run", "test", "check", "bench", "look", "fuzz", "faults", "soak"} - names == set()


def test_scripts_are_executable():
    scripts = [*(ROOT / ".ci").iterdir(), ROOT / "manage.py", ROOT / "deploy/web", ROOT / "deploy/healthy"]
    assert [path.name for path in scripts if path.suffix != ".py" and not os.access(path, os.X_OK)] == []


def test_documentation_names_every_setting_an_operator_has():
    known = set(re.findall(r'env(?:_bool|_int|_list)?\("([A-Z_]+)"', (ROOT / "prm/settings.py").read_text()))
    told = set(re.findall(r"`([A-Z][A-Z_]+)`", (ROOT / "docs/operations.md").read_text()))
    assert known - told == set()
