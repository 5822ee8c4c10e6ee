"""N06, O11, N05: the units as they are shipped, started by a real systemd (where one can be booted: box.py)."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.channels.fake_telegram import TOKEN
from tests.conftest import IDENTITY, RECOVERY, need
from tests.deploy.box import ROOT, in_box

SHIPPED = ROOT / "docs" / "systemd"
UNITS = ("stonechat", "stonechat-intake", "stonechat-alarm")
TOML = 'organisation = "Example"\nhelp = "help@example.org"\nlanguages = "en"\nphone = "127.0.0.1:8320"\n'
FILES: dict[str, str | tuple[str, int]] = {
    **{f"/etc/systemd/system/{unit}.service": (SHIPPED / f"{unit}.service").read_text() for unit in UNITS},
    "/etc/stonechat/stonechat.toml": TOML
    + 'telegram_token_file = "telegram.token"\ntelegram_api = "http://127.0.0.1:9"\n',
    "/etc/stonechat/telegram.token": (f"{TOKEN}\n", 0o600),
    "/etc/stonechat/recipients.txt": (f"{IDENTITY.recipient.text}\n{RECOVERY.recipient.text}\n", 0o600),
}
BEGIN = """
show() { systemctl show "$1" -p ActiveState -p Result -p ExecMainStatus -p NRestarts -p StatusText; }
log() { cat /run/said; : > /run/said; }
drop() { mkdir -p /run/systemd/system/$1.service.d; printf '[Service]\\n%s\\n' "$3" \
  > /run/systemd/system/$1.service.d/$2.conf; systemctl daemon-reload; }
for unit in stonechat stonechat-intake stonechat-alarm; do drop $unit log StandardError=append:/run/said; done
as=/opt/stonechat/src/docs/systemd/stonechat-as-service
"""


@pytest.mark.parametrize("unit", UNITS)
def test_n06_systemd_finds_no_fault_in_the_units(tmp_path: Path, unit: str) -> None:
    """`verify` says nothing but that the program is not installed on this machine."""
    need("systemd-analyze", "it reads the units")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", SHIPPED / f"{unit}.service"], capture_output=True, text=True
    )
    said = [line for line in done.stderr.splitlines() if f"{unit}.service" in line]
    assert [x for x in said if "Command /opt/stonechat/bin/stonechat is not executable" not in x] == []
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", SHIPPED / f"{unit}.service"], capture_output=True, text=True
    )
    level = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert level, done.stderr
    assert float(level[1]) < 2


def test_n06_o11_the_unit_starts_as_shipped() -> None:
    """Nothing but the files of docs/operating.md: it is ready, its secrets are credentials, and it is watched."""
    said = in_box(
        BEGIN
        + """
echo "== verify"; systemd-analyze verify --man=no /etc/systemd/system/stonechat*.service 2>&1 | grep stonechat
echo "== start"; systemctl start stonechat 2>&1; show stonechat
echo "== modes"; stat -Lc '%a %U %n' /run/stonechat /var/lib/stonechat /var/lib/stonechat/bot.key \
  /run/credentials/stonechat.service/*
echo "== log"; log
echo "== stop"; systemctl stop stonechat; show stonechat; ls -d /run/stonechat/*
echo "== watchdog"; drop stonechat watchdog WatchdogSec=2; systemctl start stonechat; sleep 3; show stonechat
echo "== hung"
kill -STOP $(systemctl show -P MainPID stonechat)
for i in $(seq 100); do sleep 0.3; [ "$(systemctl show -P NRestarts stonechat)" -ge 1 ] && break; done
for i in $(seq 100); do sleep 0.3; systemctl -q is-active stonechat && break; done
show stonechat
echo "== end"
""",
        FILES,
    )
    assert said["verify"] == ""
    assert "ActiveState=active" in said["start"], said
    assert re.search(r"StatusText=(ready|Telegram can't be reached)", said["start"])
    assert "Type=notify" in (SHIPPED / "stonechat.service").read_text()
    assert "700 stonechat /run/stonechat" in said["modes"]
    assert "600 stonechat /var/lib/stonechat/bot.key" in said["modes"]
    assert len(re.findall(r"^4[04]0 \S+ /run/credentials", said["modes"], re.MULTILINE)) == 2
    assert "stonechat: ready" in said["log"]
    assert "ActiveState=inactive\n" in said["stop"]
    assert "Result=success" in said["stop"]
    assert "/run/stonechat/" in said["stop"], "a restart keeps the keys of drafts"
    assert "NRestarts=0" in said["watchdog"]
    assert "ActiveState=active" in said["watchdog"], "a bot that turns is left alone"
    assert "NRestarts=1" in said["hung"]
    assert "ActiveState=active" in said["hung"]


def test_n02_the_alarm_rings_on_without_the_bot() -> None:
    """Over the bot's state, as its user; whichever of the two is started ends the other."""
    said = in_box(
        BEGIN
        + """
systemctl start stonechat; log > /dev/null
echo "== alarm"; systemctl start stonechat-alarm 2>&1; show stonechat-alarm; show stonechat
echo "== owner"; stat -Lc "%U %n" /var/lib/stonechat/bot.key
ps -o user= -p $(systemctl show -P MainPID stonechat-alarm)
echo "== log"; log
echo "== bot"; systemctl start stonechat 2>&1; show stonechat; systemctl show -P ActiveState stonechat-alarm
echo "== end"
""",
        {
            **FILES,
            "/etc/stonechat/stonechat.toml": f"{FILES['/etc/stonechat/stonechat.toml']}alarm = ['exec:/bin/true']\n",
        },
    )
    assert "ActiveState=active" in said["alarm"], said
    assert "ActiveState=inactive" in said["alarm"], said
    assert "stonechat alarm: ready" in said["log"]
    assert "stonechat /var/lib/stonechat/bot.key" in said["owner"]
    assert said["owner"].splitlines()[-1].strip() in ("stonechat", "stonech+")
    assert "ActiveState=active" in said["bot"]
    assert said["bot"].strip().endswith("inactive")


def test_n06_n05_what_a_person_must_mend_is_not_started_again() -> None:
    said = in_box(
        BEGIN
        + """
once() { systemctl reset-failed stonechat 2>/dev/null; timeout 60 systemctl start stonechat >/dev/null 2>&1
show stonechat; log; }
cp -a /etc/stonechat /run/good
echo "== typo"; echo 'orgnisation = "x"' >> /etc/stonechat/stonechat.toml; once; cp -a /run/good/. /etc/stonechat
echo "== outside"; mkdir -p /srv/inbox; echo 'intake = "folder:/srv/inbox"' >> /etc/stonechat/stonechat.toml; once
echo "== opened"; drop stonechat paths ReadWritePaths=/srv/inbox; once
echo "== static"; useradd --system --no-create-home inboxer; chown inboxer /srv/inbox
drop stonechat paths "$(printf 'DynamicUser=no\\nUser=inboxer\\nReadWritePaths=/srv/inbox')"; once
systemctl stop stonechat
rm -r /run/systemd/system/stonechat.service.d/paths.conf; systemctl daemon-reload; cp -a /run/good/. /etc/stonechat
rm -rf /var/lib/stonechat /var/lib/private/stonechat /run/stonechat /run/private/stonechat; log >/dev/null
echo "== missing"; rm /etc/stonechat/telegram.token; once; cp -a /run/good/. /etc/stonechat
echo "== taken"; python3 -m http.server -b 127.0.0.1 8320 >/dev/null 2>&1 & holds=$!; sleep 2
echo "== taken"; once; kill $holds; for i in $(seq 100); do sleep 0.3; systemctl -q is-active stonechat && break; done
echo "== mended"; show stonechat; log
echo "== root"; export STONECHAT_STATE=/var/lib/stonechat STONECHAT_KEYS=/run/stonechat
STONECHAT_RECIPIENTS=/etc/stonechat/recipients.txt /opt/stonechat/bin/stonechat keys show 2>&1
unset STONECHAT_STATE STONECHAT_KEYS
echo "== as"; $as keys show 2>&1; echo rc $?
echo "== doctor"; $as doctor 2>&1
echo "== owner"; find /var/lib/private/stonechat /run/private/stonechat -not -user stonechat
echo "== backup"; $as backup one 2>&1; ls /var/lib/stonechat-out/one
systemctl stop stonechat; mv /var/lib/private/stonechat /var/lib/private/stonechat-out/old
$as restore one --old old 2>&1; systemctl start stonechat; show stonechat; log
echo "== intake"; export SERVICE=stonechat-intake; $as intake --show-key 2>&1
unset SERVICE; $as keys show 2>&1 | sed -n 's/^bot  *//p' > /etc/stonechat/bots.pub
systemctl start stonechat-intake; show stonechat-intake; log
echo "== listed"; SERVICE=stonechat-intake $as intake list 2>&1
echo "== end"
""",
        FILES,
    )
    gone = "ActiveState=failed"
    assert gone in said["typo"]
    assert "NRestarts=0" in said["typo"]
    assert "did you mean 'organisation'" in said["typo"]
    assert gone in said["outside"]
    assert "ReadWritePaths=/srv/inbox" in said["outside"]
    assert gone in said["opened"]
    assert "name a folder below the unit's StateDirectory" in said["opened"]
    assert "stonechat: ready" in said["static"]
    assert "ExecMainStatus=243" in said["missing"]
    assert "NRestarts=0" in said["missing"]
    assert "port 8320 is taken" in said["taken"]
    assert "ExecMainStatus=75" in said["taken"]
    assert "ActiveState=active" in said["mended"], "another start found the port free"
    assert "docs/systemd/stonechat-as-service" in said["root"]
    assert "ssh-ed25519" not in said["root"]
    assert "bot        ssh-ed25519" in said["as"]
    assert "rc 0" in said["as"]
    assert "✓ state: its secrets are whole" in said["doctor"]
    assert said["owner"] == ""
    assert "files in one" in said["backup"]
    assert "files restored" in said["backup"]
    assert "ActiveState=active" in said["backup"], said["backup"]
    assert said["intake"].startswith("ssh-ed25519 ")
    assert "ActiveState=active" in said["intake"], said["intake"]
    assert "0 reports" in said["listed"] or "no report" in said["listed"]


def test_n05_the_helper_of_the_units_is_a_script_that_any_shell_reads() -> None:
    path = SHIPPED / "stonechat-as-service"
    assert path.stat().st_mode & 0o111
    assert subprocess.run([shutil.which("sh") or "sh", "-n", path]).returncode == 0
