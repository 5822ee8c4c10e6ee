"""`stonechat doctor`: settings, keys, modes, disk, clock, schema, channels, intake; one line each, with its mend.

It changes nothing and needs no lock: it may run beside the bot.
"""

import asyncio
import contextlib
import json
import os
import shlex
import socket
import sqlite3
import stat
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.text import Text

from bot.errors import SettingsError, StonechatError
from bot.keys.accepted import accepted_file, accepted_text, read_all_recipients
from bot.keys.folder import check_apart, keys_folder, keys_root, outbox_folder
from bot.machine.clock import clock_trouble
from bot.machine.database import MEND, check_not_barred, damaged, failed, migrations
from bot.machine.files import check_could_write, check_file, is_open_to_others, read_bytes, read_text, refused
from bot.machine.filesystem import TMPFS, filesystem
from bot.machine.locking import locked
from bot.machine.serving import host_and_port, loopback
from bot.machine.worktree import work_tree
from bot.operating.printing import one_line
from bot.seal.age import open_bytes, seal
from bot.seal.hybrid import HybridIdentity
from bot.seal.recipients import RecipientsByClass
from bot.seal.signing import parse_public
from bot.settings import Settings
from bot.state import SECRETS, check_owner, reports_looked_mark, secret_file, time_of
from bot.store.sqlite import MIGRATIONS

State = Literal["good", "warning", "bad"]
MARKS = {"good": ("✓", "green"), "warning": ("!", "yellow"), "bad": ("✗", "red")}
NETWORK_DISKS = ("nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p", "afs", "ceph")
LOW, EMPTY = 2 << 30, 200 << 20  # bytes free
PATIENCE = 15.0  # seconds for one service


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at, how it is, and the mend where it is not good."""

    name: str
    state: State
    what: str
    mend: str = ""


def good(name: str, what: str) -> Finding:
    """As it must be."""
    return Finding(name, "good", what)


def bad(name: str, error: StonechatError) -> Finding:
    """What a command would have refused, said in its own words."""
    where = f"{error.where}: " if error.where else ""
    return Finding(name, "bad", f"{where}{error.what}", error.mend)


def run_doctor(settings: Settings, as_json: bool) -> int:
    """Exit code 1 where something is bad."""
    findings = asyncio.run(_all(settings))
    if as_json:
        print(json.dumps([asdict(f) for f in findings], indent=1, ensure_ascii=False))
    else:
        console = Console(highlight=False)
        for each in findings:
            mark, colour = MARKS[each.state]
            mend = f"; {each.mend}" if each.mend else ""
            console.print(Text(mark, style=colour), Text(one_line(f"{each.name}: {each.what}{mend}")), soft_wrap=True)
    return int(any(f.state == "bad" for f in findings))


async def _all(settings: Settings) -> list[Finding]:
    found = [good("settings", f"state is {settings.state}")]
    for look in (
        _recipients,
        _state,
        _modes,
        _embedded,
        _listening,
        _keys,
        _places,
        _swap,
        _disk,
        _clock,
        _schema,
        _flows,
        _sealing,
        _reports,
    ):
        try:
            found += look(settings)
        except StonechatError as error:
            found.append(bad(look.__name__.strip("_"), error))
        except OSError as error:
            found.append(bad(look.__name__.strip("_"), refused(error)))
    async for finding in _services(settings):
        found.append(finding)
    for read in (_alarm, _sentences):
        try:
            found += await read(settings)
        except StonechatError as error:
            found.append(bad(read.__name__.strip("_"), error))
    return found


async def _alarm(settings: Settings) -> list[Finding]:
    """Who is told when somebody is in danger, and whether a person ever heard it."""
    from bot.alarm import MemoryStore, health
    from bot.ringing import open_store, senders_of

    async with open_store(settings) as store:
        found = await health(senders_of(settings), store or MemoryStore(), time.time())
    return [Finding(each.name, each.state, each.what, each.mend) for each in found]


async def _sentences(settings: Settings) -> list[Finding]:
    """What reporters are told of people and machines today, of flows/promises.yaml: each sentence that may not hold."""
    from bot.operating.promised import facts_today, standing
    from bot.words.loading import load_flows, load_words, newest_flow

    flows, _ = load_flows(load_words())
    found = []
    for name, is_said, lacks, instead in standing(newest_flow(flows), await facts_today(settings)):
        what = f"{name} is said" if is_said else f"{name} is not said, for it lacks {', '.join(lacks)}: {instead} is"
        found.append(good("sentence", what))
    return found


def _recipients(settings: Settings) -> Iterator[Finding]:
    recipients = read_all_recipients(settings)
    for name, prints in recipients.fingerprints().items():
        yield good(f"recipients of {name}", ", ".join(prints))
    if min(len(prints) for prints in recipients.fingerprints().values()) < 2:
        mend = "add an offline recovery key to the recipients file"
        yield Finding("recipients", "warning", "a lost key loses every report", mend)
    if len({tuple(prints) for prints in recipients.fingerprints().values()}) == 1:
        what = "one key opens everything: who reads a case also reads who wrote it"
        yield Finding("classes", "warning", what, "set recipients_identity and recipients_contact (docs/settings.md)")
    yield _accepted(settings, recipients)


def _accepted(settings: Settings, recipients: RecipientsByClass) -> Finding:
    path = accepted_file(settings)
    if os.path.lexists(path) and read_text(path) != accepted_text(recipients):
        mend = "compare 'stonechat keys show' with your organisation, then run 'stonechat keys accept'"
        return Finding("accepted", "bad", "the recipients are not the ones of the last start", mend)
    return good("accepted", "the recipients are the ones of the last start" if path.exists() else "not started yet")


def _state(settings: Settings) -> Iterator[Finding]:
    """What `run` refuses: a state that is another's or can't be written, secrets that are hollow or can be read."""
    check_owner(settings.state)
    check_could_write(settings.state)
    if not settings.state.exists():
        return
    if is_open_to_others(settings.state):
        return  # said with the other modes
    for name, length in SECRETS.items():
        if os.path.lexists(settings.state / name):
            secret_file(settings.state / name, length)
    if os.path.lexists(outbox := outbox_folder(settings)):
        check_could_write(outbox)
    if os.path.lexists(lock := settings.state / "lock"):
        os.close(os.open(lock, os.O_RDWR))
    if os.path.lexists(mark := settings.state / "state.id"):
        folder = keys_folder(settings, read_bytes(mark).hex())
        check_could_write(folder)
        if os.path.lexists(folder / "pepper"):
            read_bytes(folder / "pepper")
    yield good("state", "its secrets are whole, and it can be written")


def _embedded(settings: Settings) -> list[Finding]:
    """The intake inside the bot: `run` opens it, so what it refuses stands here."""
    folder = settings.state / "intake"
    if settings.intake != "embedded" or not os.path.lexists(folder):
        return []
    check_could_write(folder)
    if os.path.lexists(folder / "intake.key"):
        secret_file(folder / "intake.key", 32)
    if os.path.lexists(path := folder / "intake.db"):
        _version(path)
    return []


def _listening(settings: Settings) -> Iterator[Finding]:
    """Addresses that `run` refuses, and ports that another program has. While the bot runs they are its own."""
    if not settings.telegram_token and not settings.phone and settings.intake_bots is None:
        mend = "set telegram_token_file or phone in stonechat.toml (docs/settings.md)"
        yield Finding("channels", "bad", "no channel is set: 'stonechat run' stops", mend)
    is_running = _is_running(settings.state / "lock")
    wanted = []
    if settings.phone:
        wanted.append(("phone", settings.phone, loopback(settings.phone, "the phone page", "see docs/settings.md")))
    if settings.metrics:
        wanted.append(
            ("metrics", settings.metrics, loopback(settings.metrics, "the metrics page", "see docs/settings.md"))
        )
    if settings.telegram_webhook:
        listen = settings.telegram_listen
        wanted.append(("telegram_listen", listen, host_and_port(listen, "telegram_listen")))
    for name, said, (host, port) in wanted:
        if is_running or not port or _is_free(host, port):
            yield good(name, f"listens on {said}" if is_running else f"{said} is free")
        else:
            yield Finding(
                name, "bad", f"port {port} is taken", f"stop what uses it (ss -ltnp), or name another in {name}"
            )
    taken = [port for _, _, (_, port) in wanted if port]
    if len(set(taken)) < len(taken):
        yield Finding("ports", "bad", "two of them are to listen on one port", "name another for one of them")


def _is_running(lock: Path) -> bool:
    """Whether a bot holds this state now."""
    if not lock.exists():
        return False
    try:
        with locked(lock, "", ""):
            return False
    except StonechatError:
        return True


def _is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError:
            return False
    return True


def _modes(settings: Settings) -> Iterator[Finding]:
    """Nobody else may read what lies here, nor put another folder in the place of the keys."""
    if not settings.state.exists():
        yield good("modes", "the state folder is made at the first start")
        return
    root = keys_root(settings)
    found = [path for path in _ours(settings.state) if is_open_to_others(path) and path != settings.recipients_file]
    found += [path for folder in _own_keys(settings) for path in _ours(folder) if is_open_to_others(path)]
    for path in dict.fromkeys(found):
        yield Finding("modes", "bad", f"{path} can be read by others", f"chmod go= {shlex.quote(str(path))}")
    if root.exists() and root.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH) and not root.stat().st_mode & stat.S_ISVTX:
        what = f"others may write into {root}, and put their keys in the place of ours"
        yield Finding("modes", "bad", what, f"chmod go-w {shlex.quote(str(root))}")
    elif not found:
        yield good("modes", "nobody else reads the state folder or the keys")


def _ours(folder: Path) -> Iterator[Path]:
    """A folder and all that is in it; what goes away meanwhile is not of interest."""
    for path in (folder, *sorted(folder.rglob("*"))):
        if path.exists():
            yield path


def _own_keys(settings: Settings) -> Iterator[Path]:
    """This installation's folder of keys, where it was made already."""
    mark = settings.state / "state.id"
    if os.path.lexists(mark) and (folder := keys_folder(settings, read_bytes(mark).hex())).exists():
        yield folder


def _keys(settings: Settings) -> Iterator[Finding]:
    folder = keys_root(settings)
    check_apart(settings)
    check_owner(next(_own_keys(settings), folder), "the keys folder")
    check_could_write(next(_own_keys(settings), folder))
    near = next(p for p in (folder, *folder.parents) if p.exists())
    kind = filesystem(near)
    if kind in TMPFS:
        yield good("keys", f"{folder} is in memory ({kind}): a reboot destroys open drafts for good")
        return
    what = f"{folder} is on a disk ({kind or 'unknown'}): what was destroyed may leave traces on flash storage"
    yield Finding("keys", "warning", what, "set keys to a folder on tmpfs, like /run/stonechat")


def _places(settings: Settings) -> Iterator[Finding]:
    state = settings.state
    near = next(p for p in (state, *state.parents) if p.exists())
    kind = filesystem(near)
    if kind in NETWORK_DISKS:
        yield Finding("disk kind", "bad", f"{state} is on a network disk ({kind})", "use a local disk: locks and fsync")
    else:
        yield good("disk kind", f"{kind or 'unknown'}")
    repository = work_tree(state)
    if repository is not None:
        what = f"{state} lies in the git work tree {repository}"
        yield Finding("git", "warning", what, "set state to a folder elsewhere, so that it is never committed")


def _swap(settings: Settings) -> Iterator[Finding]:
    """Words in flight and keys may be swapped out; zram stays in memory, dm-crypt is encrypted."""
    try:
        lines = Path("/proc/swaps").read_text().splitlines()[1:]
    except OSError:
        return
    plain = [n for n in (line.split()[0] for line in lines) if not n.startswith(("/dev/zram", "/dev/dm-"))]
    if plain:
        what = f"swap on {', '.join(plain)}: what is in memory may reach the disk"
        yield Finding("swap", "warning", what, "swapoff -a, or encrypt it")
    else:
        yield good("swap", "none that reaches a disk in the clear")


def _disk(settings: Settings) -> Iterator[Finding]:
    near = next(p for p in (settings.state, *settings.state.parents) if p.exists())
    free = os.statvfs(near)
    left = free.f_bavail * free.f_frsize
    size = f"{left / (1 << 30):.1f} GB free"
    state: State = "bad" if left < EMPTY else "warning" if left < LOW else "good"
    yield Finding("disk", state, size, "" if state == "good" else f"make space on the disk of {near}")


def _clock(settings: Settings) -> Iterator[Finding]:
    if trouble := clock_trouble():
        what, _, mend = trouble.partition("; ")
        yield Finding("clock", "warning", what, mend)
        return
    newest = (
        max((p.lstat().st_mtime for p in settings.state.glob("*")), default=0.0) if settings.state.exists() else 0.0
    )
    if newest > time.time() + 60:
        yield Finding(
            "clock", "bad", "it is behind the files that the bot wrote", "set it (timedatectl), then look again"
        )
    else:
        yield good("clock", time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()))


def _schema(settings: Settings) -> Iterator[Finding]:
    path, newest = settings.database_file, migrations(MIGRATIONS)[-1][0]
    if not os.path.lexists(path):
        yield good("database", "made at the first start")
        return
    try:
        version = _version(path)
    except SettingsError as error:
        yield bad("database", error)
        return
    if version > newest:
        yield Finding("database", "bad", f"schema {version}, this Stonechat knows {newest}", "run the newer Stonechat")
    else:
        later = "" if version == newest else f"; the next start brings it to {newest}"
        yield good("database", f"schema {version}{later}")


def _version(path: Path) -> int:
    """The schema of a database that is whole. Raises SettingsError with the true cause where it is not."""
    check_file(path)
    if not path.stat().st_size:
        raise SettingsError("the database is empty (0 bytes)", where=str(path), mend=MEND)
    check_not_barred(path)
    try:
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as db:
            version = int(db.execute("PRAGMA user_version").fetchone()[0])
            if db.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                raise damaged(path)
            return version
    except sqlite3.Error as error:
        raise failed(error, path) from None


def _flows(settings: Settings) -> Iterator[Finding]:
    from bot.words.loading import load_flows, load_words, offer_languages

    words = load_words()
    flows, shelf = load_flows(words)
    flows, left_out = offer_languages(words, flows, shelf, settings.languages)
    offered = next(iter(flows.values())).languages
    yield good("languages", ", ".join(code for code, _ in offered))
    for line in left_out:
        yield Finding("languages", "warning", line)
    for name in sorted(name for name, card in shelf.cards.items() if card.checked is None):
        what = f"nobody has called the numbers of flows/help/{name}.yaml"
        yield Finding("helplines", "warning", what, "call them, and write the day into 'checked'")
    if not settings.organisation:
        yield Finding("organisation", "bad", "reporters are not told who receives this", 'set organisation = "NAME"')


def _sealing(settings: Settings) -> Iterator[Finding]:
    identity = HybridIdentity.generate()
    recipients = read_all_recipients(settings)
    for name in recipients.fingerprints():
        sealed = bytes(seal(b"a test", (*recipients.of(name), identity.recipient)))
        if open_bytes(sealed, [identity]) != b"a test":
            yield Finding("sealing", "bad", f"what was sealed for {name} did not open again", "reinstall Stonechat")
            return
    yield good("sealing", "sealed to every class, and opened with a throw-away key")


def _reports(settings: Settings) -> Iterator[Finding]:
    """Where they lie, who can open them, and whether somebody looks: what reporters are told of that rests on it."""
    where = {"embedded": str(settings.state / "intake")}.get(settings.intake, settings.intake.removeprefix("folder:"))
    prints = dict.fromkeys(p for each in read_all_recipients(settings).fingerprints().values() for p in each)
    yield good("reports", f"they lie sealed at {where}; who holds a key of {', '.join(prints)} can open them")
    yield _looks(settings)


def _looks(settings: Settings) -> Finding:
    from bot.ringing import looked_within

    now, last = time.time(), time_of(reports_looked_mark(settings.state))
    ago = int(now - last) // 3600
    when = "nobody listed or took reports here yet"
    if last:
        when = f"reports were listed or taken {f'{ago} hours ago' if ago else 'within the hour'}"
    if not settings.look or looked_within(settings.state, settings.look, now):
        return good("looks", when)
    mend = f"run 'stonechat intake list' here every {settings.look} hours, or take 'look' out"
    return Finding("looks", "warning", f"{when}: 'somebody looks' is not said", mend)


async def _services(settings: Settings) -> AsyncIterator[Finding]:
    checks: list[tuple[str, Callable[[Settings], Awaitable[Finding]]]] = [("intake", _intake)]
    if settings.telegram_token:
        checks.append(("telegram", _telegram))
    elif settings.phone:
        yield good("channels", f"the phone page alone, at {settings.phone}")
    if settings.intake.startswith("http"):
        try:
            parse_public(settings.intake_key)
        except StonechatError as error:
            yield bad("intake_key", error)
    for name, check in checks:
        try:
            yield await asyncio.wait_for(check(settings), PATIENCE)
        except StonechatError as error:
            yield bad(name, error)
        except Exception as error:
            yield Finding(name, "bad", f"no answer ({type(error).__name__})", "check the network, then look again")


async def _intake(settings: Settings) -> Finding:
    if settings.intake == "embedded":
        where = settings.state / "intake"
        return good("intake", f"embedded; 'stonechat intake list' shows what lies in {where}, sealed")
    if settings.intake.startswith("folder:"):
        folder = Path(settings.intake.removeprefix("folder:"))
        check_could_write(folder)
        return good("intake", f"{folder} can be written; 'stonechat intake list' shows what lies there, sealed")
    import aiohttp

    from bot.report.manifest import new_report_id

    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{settings.intake.rstrip('/')}/reports/{new_report_id()}/parts", allow_redirects=False) as answer,
    ):
        # To its end: one read gives what one packet brought.
        body = b""
        while len(body) < 4096 and (piece := await answer.content.read(1024)):
            body += piece
    if answer.status == 200 and b'"parts"' in body:
        return good("intake", f"{settings.intake} answers")
    return Finding("intake", "bad", f"{settings.intake} answers {answer.status}", "is it the intake's address?")


async def _telegram(settings: Settings) -> Finding:
    from bot.operating.telegram import telegram_standing

    return Finding("telegram", *await telegram_standing(settings))
