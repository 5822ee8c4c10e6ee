"""What Docker would do with docker-compose.yml, bubblewrap in its place: user 10001, a root that is read-only.

As a program it is `docker` for docs/compose/prepare: `compose version`, `compose build`, `compose run`. Besides: `up`,
which starts every service of the profiles in .env in one network, runs its healthcheck and ends it.
"""

import os
import re
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
WRAPPER = """\
#!/bin/sh
export LD_LIBRARY_PATH=/opt/python/lib PYTHONPATH=/opt/stonechat/src:/opt/stonechat/site PYTHONDONTWRITEBYTECODE=1
"""


def variables(folder: Path) -> dict[str, str]:
    """.env, as Compose reads it."""
    lines = (folder / ".env").read_text().splitlines() if (folder / ".env").exists() else []
    return {name: value.strip('"') for name, _, value in (line.partition("=") for line in lines) if name}


def load(folder: Path) -> dict[str, Any]:
    """The file with its variables put in. Only ${NAME:-default} is known."""
    text = (folder / "docker-compose.yml").read_text()
    known = variables(folder)
    text = re.sub(r"\$\{(\w+):-([^}]*)\}", lambda m: known.get(m[1]) or m[2] or '""', text)
    assert "$" not in text
    loaded: dict[str, Any] = YAML(typ="safe").load(text)
    return loaded


def refuse(line: str) -> None:
    print(line, file=sys.stderr)
    sys.exit(1)


def words(folder: Path, name: str, command: list[str], more: dict[str, str], volumes: list[str]) -> list[str]:
    """The command line that runs `command` in this service's layout."""
    compose = load(folder)
    service = compose["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    user, group = service["user"].split(":")
    found = ["bwrap", "--die-with-parent", "--unshare-pid", "--unshare-ipc", "--cap-add", "ALL", "--clearenv"]
    found += ["--ro-bind", "/usr", "/usr", "--proc", "/proc", "--dev", "/dev"]
    for each in ("/opt", "/opt/stonechat", "/etc", "/etc/stonechat", "/run"):
        found += ["--perms", "0755", "--dir", each]
    for each in ("bin", "lib", "lib64", "sbin"):
        found += ["--symlink", f"usr/{each}", f"/{each}"]
    for each in ("ld.so.cache", "ssl", "hosts", "nsswitch.conf"):
        found += ["--ro-bind-try", f"/etc/{each}", f"/etc/{each}"]
    found += ["--ro-bind", sys.base_prefix, "/opt/python", "--ro-bind", sysconfig.get_path("purelib")]
    found += ["/opt/stonechat/site", "--ro-bind", str(ROOT), "/opt/stonechat/src"]
    found += ["--ro-bind", str(folder / "bin"), "/opt/stonechat/bin"]
    for volume in [*service["volumes"], *volumes]:
        source, target = volume.split(":")[:2]
        place = str((folder / source).resolve())
        if place == "/run/stonechat":
            place = str(folder / "run-stonechat")  # the test's, in the place of the host's
        if not os.path.isdir(place):
            os.makedirs(place)  # so does Docker, as root
        found += ["--bind", place, target]
    for kind in ("secrets", "configs"):
        for each in service.get(kind, ()):
            file = folder / compose[kind][each["source"]]["file"]
            if not file.is_file():
                refuse(f"invalid mount config for type bind: bind source path does not exist: {file}")
            found += ["--ro-bind", str(file), each["target"]]
    found += ["--tmpfs", "/tmp", "--chmod", "1777", "/tmp", "--chmod", "0755", "/", "--remount-ro", "/", "--chdir", "/"]
    environ = {"PATH": "/opt/stonechat/bin:/usr/bin:/bin", **service["environment"], **more}
    for key, value in environ.items():
        found += ["--setenv", key, str(value)]
    found += ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", "--no-new-privs"]
    return [*found, "--inh-caps=-all", "--bounding-set=-all", *command]


def make_programs(folder: Path) -> None:
    """`stonechat` and `python` of the image."""
    (folder / "bin").mkdir(exist_ok=True)
    for name, what in (("stonechat", "-m bot"), ("python", "")):
        path = folder / "bin" / name
        path.write_text(f'{WRAPPER}exec /opt/python/bin/python3 {what} "$@"\n')
        path.chmod(0o755)
    folder.joinpath("bin").chmod(0o755)


def up(folder: Path, check: list[str]) -> None:
    """Each service until its healthcheck is well; then `check` in the bot's layout; then all are ended."""
    compose = load(folder)
    profiles = variables(folder).get("COMPOSE_PROFILES", "").split(",")
    running: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, service in compose["services"].items():
            if set(service.get("profiles", profiles)) & set(profiles):
                running[name] = subprocess.Popen(words(folder, name, ["stonechat", *service["command"]], {}, []))
        for name, process in running.items():
            kind, *probe = compose["services"][name]["healthcheck"]["test"]
            assert kind == "CMD"
            until = time.monotonic() + 60
            while subprocess.run(words(folder, name, probe, {}, []), stderr=subprocess.DEVNULL).returncode:
                if process.poll() is not None or time.monotonic() > until:
                    refuse(f"{name} is not well")
                time.sleep(0.3)
            print(f"{name} is well", flush=True)
        subprocess.run(words(folder, "bot", check, {}, []))
    finally:
        for process in running.values():
            process.terminate()
            process.wait(20)


def main() -> None:
    folder = Path.cwd()
    match sys.argv[1:]:
        case ["compose", "version" | "build", *_]:
            return
        case ["compose", "run", "--rm", "--no-deps", "-T", *rest]:
            more: dict[str, str] = {}
            volumes: list[str] = []
            while rest[0].startswith("-"):
                option, value, *rest = rest
                if option == "-v":
                    volumes.append(value)
                else:
                    key, _, said = value.partition("=")
                    more[key] = said
            name, *command = rest
            sys.exit(subprocess.run(words(folder, name, ["stonechat", *command], more, volumes)).returncode)
        case ["up", *check]:
            up(folder, check)
        case _:
            refuse(f"unknown command: docker {' '.join(sys.argv[1:])}")


if __name__ == "__main__":
    main()
