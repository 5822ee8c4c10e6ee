"""docker-compose.yml, Dockerfile and the systemd unit: valid, and as hard as docs/operating.md says."""

import configparser
import json
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from ruamel.yaml import YAML

from bot.settings import KNOWN, SECRETS

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "docs" / "systemd" / "stonechat.service"


@pytest.fixture
def compose() -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load((ROOT / "docker-compose.yml").read_text())
    return found


def test_the_compose_file_follows_the_compose_specification() -> None:
    command = ["check-jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"]
    program = shutil.which(command[0], path=str(Path(__import__("sys").executable).parent))
    assert program
    done = subprocess.run([program, *command[1:]], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_every_service_is_hard(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["user"] == "10001:10001", name
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
        assert service["ulimits"]["core"] == 0
        assert service["mem_limit"]
        assert service["healthcheck"].get("test") or name == "alarm", "the alarm alone serves nothing"
        assert "privileged" not in service
        assert "ports" not in service, "nothing is published"
        assert not any("docker.sock" in v for v in service["volumes"])


def test_keys_are_the_hosts_memory_and_settings_exist(compose: dict[str, Any]) -> None:
    bot = compose["services"]["bot"]
    assert "/run/stonechat:/run/stonechat" in bot["volumes"]
    assert bot["environment"]["STONECHAT_KEYS"] == "/run/stonechat"
    for service in compose["services"].values():
        for name in service["environment"]:
            key = name.removeprefix("STONECHAT_").lower()
            assert key in KNOWN or key.removesuffix("_file") in SECRETS or key == "config"


def test_n07_the_small_case_is_one_service_and_missing_files_stop_compose(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert [name for name, each in services.items() if not each.get("profiles")] == ["bot"]
    for name, service in services.items():
        assert all(volume.split(":")[0] in ("./state", "./intake", "/run/stonechat") for volume in service["volumes"])
        for kind in ("secrets", "configs"):
            for each in service.get(kind, ()):
                assert compose[kind][each["source"]]["file"].startswith("./"), name
    conf = (ROOT / "docs" / "systemd" / "stonechat.tmpfiles.conf").read_text().splitlines()
    assert "d /run/stonechat 0700 10001 10001 -" in conf


def test_the_image_runs_as_nobody() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert "USER 10001:10001" in lines
    assert not any("ADD " in line or "curl" in line for line in lines)


def test_the_unit_is_as_hard() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(UNIT)
    service = unit["Service"]
    for key, value in {
        "DynamicUser": "yes",
        "NoNewPrivileges": "yes",
        "ProtectSystem": "strict",
        "CapabilityBoundingSet": "",
        "LimitCORE": "0",
        "RuntimeDirectoryPreserve": "yes",
    }.items():
        assert service[key] == value


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not here")
def test_systemd_finds_no_fault_in_it() -> None:
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", str(UNIT)], capture_output=True, text=True, check=False
    )
    overall = [line for line in done.stdout.splitlines() if "Overall exposure level" in line]
    assert overall, done.stderr
    assert float(overall[0].split(":")[1].split()[0]) < 2.5


def docker_runs() -> bool:
    return bool(
        shutil.which("docker") and subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0
    )


@pytest.mark.skipif(not docker_runs(), reason="no Docker daemon runs here")
def test_the_image_is_built_and_answers() -> None:
    subprocess.run(["docker", "build", "-q", "-t", "stonechat-test", "."], cwd=ROOT, check=True)
    done = subprocess.run(
        ["docker", "run", "--rm", "--read-only", "--cap-drop", "ALL", "stonechat-test", "flow", "check"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "good" in done.stdout


def test_the_lock_holds_every_dependency_with_hashes_and_nothing_of_a_machine() -> None:
    text = (ROOT / "requirements.lock").read_text()
    assert "://" not in text
    assert "--find-links" not in text
    pinned = set(re.findall(r"^([a-z0-9-]+)==", text, re.MULTILINE))
    assert text.count(" \\\n    --hash=sha256:") >= len(pinned)
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    names = {re.split(r"[<>=;\[ ]", w)[0].lower().replace(".", "-").replace("_", "-") for w in wanted}
    assert names <= pinned


def locked() -> dict[str, str]:
    """Every name of the lock, with its version; each has hashes."""
    text = (ROOT / "requirements.lock").read_text()
    blocks = re.findall(r"^(\S+?)(?:\[[a-z,]+\])?==([^ \\\n]+)([^\n]*(?:\n +[^\n]*)*)", text, re.MULTILINE)
    assert len(blocks) == len(re.findall(r"^[A-Za-z0-9]", text, re.MULTILINE)), "every line is a name with a version"
    for name, _, rest in blocks:
        assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}", rest)) >= 1, name
    return {canonicalize_name(name): version for name, version, _ in blocks}


def test_n19_the_lock_is_whole() -> None:
    """What pyproject.toml asks for, within its bounds, and all that these ask for in turn: pip asks nobody else."""
    versions = locked()
    seen: set[tuple[str, frozenset[str]]] = set()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    todo = [(Requirement(line), "pyproject.toml") for line in project["dependencies"]]
    while todo:
        wanted, by = todo.pop()
        extras = {"", *wanted.extras}
        if wanted.marker and not any(wanted.marker.evaluate({"extra": extra}) for extra in extras):
            continue
        name = canonicalize_name(wanted.name)
        assert name in versions, f"{by} needs {wanted}"
        assert wanted.specifier.contains(versions[name], prereleases=True), f"{by} needs {wanted}, not {versions[name]}"
        if (name, frozenset(wanted.extras)) in seen:
            continue
        seen.add((name, frozenset(wanted.extras)))
        here = metadata.distribution(name)
        for line in here.requires or ():
            asked = Requirement(line)
            if not asked.marker or any(asked.marker.evaluate({"extra": extra}) for extra in extras):
                asked.marker = None
                if here.version != versions[name]:  # a tool of ours holds it back: it asks for other versions
                    asked.specifier = SpecifierSet()
                todo.append((asked, name))


def test_n19_the_documents_install_with_the_lock_and_so_does_the_image() -> None:
    """The lock with its hashes, then the package without dependencies; nowhere `pip install .` with lower bounds."""
    for name in ("docs/operating.md", "Dockerfile"):
        text = (ROOT / name).read_text()
        first = re.search(r"pip install (--no-cache-dir )?--require-hashes -r requirements.lock", text)
        then = re.search(r"pip install (--no-cache-dir )?--no-deps \.", text)
        assert first, name
        assert then, name
        assert first.start() < then.start()
    for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        assert not re.search(r"pip install \.", path.read_text()), path


def test_n19_pip_takes_the_lock(tmp_path: Path) -> None:
    """Read by pip itself, offline: it stops at the first name that it can't fetch, and at no line before."""
    lines = [sys.executable, "-m", "pip", "--isolated", "download", "--no-index", "--no-deps", "--require-hashes"]
    done = subprocess.run(
        [*lines, "-r", ROOT / "requirements.lock", "-d", tmp_path],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
    )
    assert "No matching distribution found for" in done.stderr, done.stderr
    assert "hash" not in done.stderr.lower()


def test_the_bill_of_materials_names_all_that_is_locked(tmp_path: Path) -> None:
    """`make sbom`, written elsewhere."""
    recipe = (ROOT / "Makefile").read_text().partition("cyclonedx-py ")[2].partition("\n\n")[0]
    words = recipe.replace("\\", " ").split()
    program = Path(sys.executable).with_name("cyclonedx-py")
    target = tmp_path / "sbom.json"
    done = subprocess.run([program, *words[:-1], target], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    bill = json.loads(target.read_text())
    assert bill["bomFormat"] == "CycloneDX"
    assert bill["metadata"]["component"]["name"] == "stonechat"
    named = {(c["name"].lower(), c["version"]) for c in bill["components"]}
    lock = (ROOT / "requirements.lock").read_text()
    known = set(re.findall(r"^([a-z0-9_.-]+)(?:\[[a-z,]+\])?==([^ \\]+)", lock, re.MULTILINE))
    assert named == known
    assert len(known) > 20
