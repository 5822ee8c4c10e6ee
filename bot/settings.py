"""One frozen Settings from stonechat.toml and STONECHAT_* variables. Every error is one line with its mend."""

import contextlib
import os
import re
import sys
import tomllib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from rapidfuzz import process

from bot.errors import SettingsError
from bot.machine.files import read_text, refused
from bot.machine.readers import how_to_close, who_else_reads

if TYPE_CHECKING:
    from bot.alarm import Target

PUBLIC_API = "https://api.telegram.org"
PORTS = (443, 80, 88, 8443)  # that Telegram delivers to
SPREAD = 30  # minutes
MOST = 1_000_000  # of hours, days, minutes, reports
FILE_URL = re.compile(r"(?i)file:(//(?:localhost)?/|)(?=.)")
BLANKS = str.maketrans(dict.fromkeys("\u00a0\u2007\u202f\u3000", " "))
SECRETS = ("telegram_token", "alarm_mail_password")
GONE = {"danger_read": "take it out: a time is said only while something keeps it (docs/alarms.md, look)"}
TELEGRAM_TOKEN = re.compile(r"[0-9]{5,16}:[A-Za-z0-9_-]{20,64}\Z")
LANGUAGE = re.compile(r"[a-z]{2,3}([_-][A-Z][a-z]{3})?([_-]([A-Z]{2}|\d{3}))?")  # fr, pt_BR or pt-BR, zh_Hant_TW


@dataclass(frozen=True)
class Settings:
    """What an operator decides. Hours and minutes are whole numbers; paths are absolute or beside the file."""

    state: Path = Path("state")
    keys: Path | None = None
    recipients: Path | None = None
    recipients_identity: Path | None = None
    recipients_contact: Path | None = None
    recipients_sensitive: Path | None = None
    database: str = ""
    intake: str = "embedded"
    intake_key: str = ""
    intake_bots: Path | None = None
    handoff_spread: int = -1
    telegram_token: str = ""
    telegram_api: str = PUBLIC_API
    telegram_webhook: str = ""
    telegram_listen: str = "127.0.0.1:8322"
    telegram_sensitive: Literal["allow", "ask", "refuse"] = "ask"
    phone: str = ""
    metrics: str = ""
    logs: str = "text"
    languages: tuple[str, ...] = ()
    draft_ttl: int = 72
    organisation: str = ""
    help: str = ""
    first_read: int = 0
    trained_team: Literal["yes", "no"] = "no"
    look: int = 0
    alarm: "tuple[Target, ...]" = ()
    alarm_mail: str = ""
    alarm_mail_password: str = field(default="", repr=False)
    alarm_from: str = ""
    alarm_language: str = "en"
    receipt_days: int = 365
    reports_a_day: int = 20

    @property
    def recipients_file(self) -> Path:
        """The first recipients file: every class without one of its own uses it."""
        return self.recipients or self.state / "recipients.txt"

    @property
    def database_file(self) -> Path:
        """The SQLite file, in the state folder unless `database` names another place."""
        found = self.database.removeprefix("sqlite:")
        return Path(found) if found else self.state / "stonechat.db"

    @property
    def spread(self) -> int:
        """Minutes over which calm reports leave at random."""
        return self.handoff_spread if self.handoff_spread >= 0 else SPREAD


KNOWN = {f.name: f for f in fields(Settings)}
UNITS = {
    "reports_a_day": "reports",
    "draft_ttl": "hours",
    "first_read": "hours",
    "handoff_spread": "minutes",
    "look": "hours",
}
PATHS = (
    "state",
    "keys",
    "recipients",
    "recipients_identity",
    "recipients_contact",
    "recipients_sensitive",
    "intake_bots",
)
PLACES = ("intake", "database")  # may name a path behind a word
FILE = "stonechat.toml"


def _line(text: str, key: str) -> int:
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(rf"\s*\[*\s*[\"']?{re.escape(key)}[\"']?\s*[=.\]]", line):
            return number
    return 1


def _nearest(key: str) -> str:
    """The setting that was meant, or ''."""
    near = process.extractOne(key.lower(), KNOWN.keys(), score_cutoff=60)
    return near[0] if near else ""


def _unknown(key: str, where: str) -> SettingsError:
    if key in GONE:
        return SettingsError(f"there is no setting '{key}' any more", where=where, mend=GONE[key])
    near = _nearest(key)
    mend = f"did you mean '{near}'?" if near else "see README.md"
    return SettingsError(f"there is no setting '{key}'", where=where, mend=mend)


def _path(value: str, where: str, base: Path) -> Path:
    """Absolute; a relative one from `base`, `~` as in a shell, also behind `file:`. Raises SettingsError."""
    value = FILE_URL.sub(lambda found: "/" if found[1] else "", value.strip())
    if any(c < " " for c in value):
        raise SettingsError("the path holds a letter that can't be printed", where=where, mend="write it anew")
    try:
        return (base / Path(value.strip()).expanduser()).absolute()
    except RuntimeError:
        raise SettingsError(
            f"there is no such user's home: {value}", where=where, mend="write the whole path"
        ) from None


def _place(value: str, where: str, base: Path) -> str:
    """`folder:PATH` and `sqlite:PATH` mean their paths as all others are meant; anything else stays as it is."""
    kind, colon, rest = value.strip().partition(":")
    kind = kind.strip().lower()
    if not colon or kind not in ("folder", "sqlite") or not rest.strip():
        return value.strip()
    return f"{kind}:{_path(rest, where, base)}"


def _typed(key: str, value: Any, where: str, base: Path) -> Any:
    if isinstance(value, dict) and key not in ("languages", "alarm"):
        mend = f'write {key} = "…", above all tables'
        raise SettingsError(f"'{key}' is a table, where a value belongs", where=where, mend=mend)
    if key in PATHS:
        if not isinstance(value, str):
            raise SettingsError(f"'{key}' must be a path", where=where, mend="put it in quotes")
        return _path(value, where, base)
    if key == "languages":
        named = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else ()
        found = tuple(w.strip() if isinstance(w, str) else "" for w in named)
        if not found or not all(LANGUAGE.fullmatch(w) for w in found):
            raise SettingsError("'languages' must be codes", where=where, mend='languages = "ar, en, fr"')
        return found
    if key == "alarm":
        return _alarm(value, where, base)
    if KNOWN[key].type is int or KNOWN[key].type == "int":
        try:
            number = int(value) if isinstance(value, str | int) else -2
        except ValueError:
            number = -2
        if isinstance(value, bool) or not 0 <= number <= MOST:
            unit = UNITS.get(key, "days")
            raise SettingsError(f"'{key}' must be a whole number of {unit}", where=where, mend=f"{key} = 24")
        return number
    if not isinstance(value, str):
        raise SettingsError(f"'{key}' must be text", where=where, mend="put it in quotes")
    if any(c < " " and c not in "\n\t" for c in value):
        raise SettingsError(f"'{key}' holds a letter that can't be printed", where=where, mend="write it anew")
    return _place(value, where, base) if key in PLACES else value


def _is_unset(value: Any) -> bool:
    """Empty means unset: that is how Compose hands on what nobody set."""
    return isinstance(value, str) and not value.strip()


def _alarm(value: Any, where: str, base: Path) -> "tuple[Target, ...]":
    """Who is told at once: a list, or one target a line."""
    from bot.alarm import lines_of, read_targets

    written = lines_of(value) if isinstance(value, str) else value
    if not isinstance(written, list | tuple):
        raise SettingsError("'alarm' must be a list", where=where, mend='alarm = ["mailto:…", "https://…"]')
    return read_targets(written, where, base, lambda path, _: _secret(path))


def _alarm_file(value: str, where: str, base: Path) -> "tuple[Target, ...]":
    """The same, in a secret file of its own."""
    path = _path(value, where, base)
    return _alarm(_secret(path), str(path), base)


def _table(text: str, path: Path) -> dict[str, Any]:
    """The file as TOML. What editors and web pages put in the place of a blank is read as one. Raises SettingsError."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        with contextlib.suppress(tomllib.TOMLDecodeError):
            return tomllib.loads("\n".join(_with_blanks(line) for line in text.splitlines()))
        raise _no_toml(text, path, str(error)) from None


def _with_blanks(line: str) -> str:
    """Blanks of other kinds become plain ones, but for those within quotes."""
    pieces = re.split(r"""("(?:[^"\\]|\\.)*"|'[^']*')""", line)
    return "".join(piece if at % 2 else piece.translate(BLANKS) for at, piece in enumerate(pieces))


def _no_toml(text: str, path: Path, said: str) -> SettingsError:
    seen: dict[str, int] = {}
    line = int(found[1]) if (found := re.search(r"line (\d+)", said)) else max(1, len(text.splitlines()))
    for number, each in enumerate(text.splitlines(), 1):
        key = found[1] if (found := re.match(r"\s*\[*\s*[\"']?([\w.-]+)[\"']?\s*(?:=|\])", each)) else ""
        if key and key in seen and number <= line and ("overwrite" in said or "twice" in said):
            what = f"this key stands there twice: '{key}' (first in line {seen[key]})"
            return SettingsError(what, where=f"{path}:{number}", mend="remove one of them")
        if key:
            seen.setdefault(key, number)
    shown = text.splitlines()[line - 1] if text.splitlines() else ""
    if odd := next((c for c in shown if c in "“”„‟‘’«»" or (c < " " and c != "\t")), ""):
        what = f"this is not TOML: a letter stands there that is no plain quote or blank (U+{ord(odd):04X})"
        return SettingsError(what, where=f"{path}:{line}", mend='write key = "value", with plain quotes')
    return SettingsError("this is not TOML", where=f"{path}:{line}", mend='write key = "value"')


def _from_file(path: Path, instead: Collection[str] = ()) -> dict[str, Any]:
    """What the file sets. A secret file is not read where `instead`, the variables' keys, names another."""
    text = read_text(path)
    table = _table(text, path)
    found: dict[str, Any] = {}
    for key, value in table.items():
        where = f"{path}:{_line(text, key)}"
        bare, is_file = (key.removesuffix("_file"), True) if key.endswith("_file") else (key, False)
        if is_file and bare == "alarm":
            if not isinstance(value, str):
                raise SettingsError(f"'{key}' must be a path", where=where, mend="put it in quotes")
            _once(found, bare, where)
            if not _is_unset(value) and bare not in instead:
                found[bare] = _alarm_file(value, where, path.parent)
            continue
        if is_file and bare in SECRETS and bare in instead:
            continue
        if key not in KNOWN and not (is_file and bare in SECRETS):
            if isinstance(value, dict) and (inside := next((k for k in value if k in KNOWN), "")):
                mend = f"take the line of the table out, so that '{inside}' stands by itself"
                raise SettingsError(f"settings stand in no table, and '{key}' is one", where=where, mend=mend)
            raise _unknown(key, where)
        if _is_unset(value):
            continue
        if key in SECRETS:
            raise SettingsError(
                f"'{key}' is a secret and does not belong in this file",
                where=where,
                mend=f'put it in a file of its own, 0600, and write {key}_file = "PATH"',
            )
        _once(found, bare, where)
        if is_file and not isinstance(value, str):
            raise SettingsError(f"'{key}' must be a path", where=where, mend="put it in quotes")
        typed = (
            _secret_of(bare, _path(value, where, path.parent)) if is_file else _typed(key, value, where, path.parent)
        )
        found[bare] = typed
    return found


def _once(found: Mapping[str, Any], key: str, where: str) -> None:
    if key in found:
        raise SettingsError(f"'{key}' and '{key}_file' both stand here", where=where, mend="keep one of them")


def _token(path: Path) -> str:
    """A bot's token, as people save it: with a remark, in quotes, behind a name. Raises SettingsError."""
    lines = [line.strip() for line in _secret(path).splitlines()]
    lines = [line.strip("\"'") for line in lines if line and not line.startswith("#")]
    found = {line.partition("=")[2].strip(" \"'") if "=" in line else line for line in lines}
    if len(found) == 1 and TELEGRAM_TOKEN.match(token := found.pop()):
        return _kept(token, str(path))
    if not lines:
        raise SettingsError("the secret file is empty", where=str(path), mend="put the bot's token into it")
    mend = "it looks like 123456789:AA…, comes from @BotFather, and stands there alone"
    raise SettingsError("the Telegram token is not one", where=str(path), mend=mend)


def _secret_of(key: str, path: Path) -> str:
    return _token(path) if key == "telegram_token" else _secret(path)


class Kept(str):
    """A secret that knows where it was read from, so that an error can name its file."""

    where = ""


def kept_at(secret: str) -> str:
    """The file that a secret was read from, or the variable; empty where nobody knows."""
    return secret.where if isinstance(secret, Kept) else ""


def _kept(secret: str, where: str) -> Kept:
    found = Kept(secret)
    found.where = where
    return found


def _secret(path: Path) -> str:
    """What a secret file holds. Raises SettingsError where somebody else can read it, or it holds nothing."""
    text = read_text(path).strip().strip("\0").strip()
    try:
        others = who_else_reads(path)
    except OSError as error:
        raise refused(error, path) from None
    if others:
        what = f"the secret file can be read by others ({others})"
        raise SettingsError(what, where=str(path), mend=how_to_close(path))
    if not text:
        raise SettingsError(
            "the secret file is empty", where=str(path), mend="put the secret into it, and nothing else"
        )
    return _kept(text, str(path))


def _from_environment(environ: Mapping[str, str], base: Path) -> tuple[dict[str, Any], list[str]]:
    """What the variables set, and the names of those that nobody knows."""
    found: dict[str, Any] = {}
    unknown: list[str] = []
    for name, value in environ.items():
        if not name.startswith(PREFIX) or name in NOT_SETTINGS or _is_unset(value):
            continue
        key = name.removeprefix(PREFIX).lower()
        if key == "alarm_file":
            found["alarm"] = _alarm_file(value, name, base)
        elif key.endswith("_file") and (bare := key.removesuffix("_file")) in SECRETS:
            found[bare] = _secret_of(bare, _path(value, name, base))
        elif key in KNOWN:
            typed = _typed(key, value, name, base)
            found[key] = _kept(typed, name) if key in SECRETS else typed
        else:
            unknown.append(name)
    return found, unknown


def _told(unknown: Sequence[str]) -> str:
    """One line for all of them: a platform may set many that are not ours (STONECHAT_PORT of a Kubernetes service)."""
    near = {n: "" if PLATFORM.search(n) else _nearest(n.removeprefix(PREFIX).lower()) for n in sorted(unknown)}
    names = [f"{name} (did you mean {PREFIX}{found.upper()}?)" if found else name for name, found in near.items()]
    line = f"no setting, left out: {', '.join(names)}"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)


def _say(line: str) -> None:
    print(f"stonechat: warning: {line}", file=sys.stderr)


PREFIX = "STONECHAT_"
# Kubernetes and Docker's links set these for a service of our name: no misspelt setting was meant.
PLATFORM = re.compile(r"_(SERVICE_(HOST|PORT(_\w+)?)|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?|ENV_\w+)\Z")
NOT_SETTINGS = (
    "STONECHAT_DEMO_SCRIPT",
    "STONECHAT_TEST_ALL",
    "STONECHAT_KILLS",
    "STONECHAT_SHARED",
    "STONECHAT_CONFIG",
)


def load_settings(
    file: Path | None = None, environ: Mapping[str, str] | None = None, say: Callable[[str], None] = _say
) -> Settings:
    """Variables win over the file; empty ones are unset, unknown ones are told by `say`. Raises SettingsError.

    Relative paths of the file, and what it does not name, are looked for from its folder; those of variables from the
    working folder.
    """
    environ = os.environ if environ is None else environ
    here = Path.cwd()
    named = file or (Path(v) if not _is_unset(v := environ.get("STONECHAT_CONFIG", "")) else None)
    path = (here / (named or Path(FILE)).expanduser()).absolute()
    values: dict[str, Any] = {}
    base = here
    found, unknown = _from_environment(environ, here)
    if named is not None or os.path.lexists(path):
        values |= _from_file(path, found)
        base = path.parent
    if unknown:
        say(_told(unknown))
    values |= found
    values.setdefault("state", base / "state")
    settings = Settings(**values)
    try:
        _check(settings)
    except SettingsError as error:
        where = error.where or _place_of(error.what, path if os.path.lexists(path) else None, environ)
        raise SettingsError(error.what, where=where, mend=error.mend) from None
    return settings


def _place_of(what: str, file: Path | None, environ: Mapping[str, str]) -> str:
    """Where the setting stands that an error names; empty where it does not tell."""
    words = what.lower().replace(" ", "_")
    for key in sorted(KNOWN, key=len, reverse=True):
        if not re.search(rf"(?<![a-z]){key}(?![a-z])", words):
            continue
        if name := next((n for n in (f"{PREFIX}{key.upper()}", f"{PREFIX}{key.upper()}_FILE") if n in environ), ""):
            return name
        text = read_text(file) if file is not None else ""
        if found := re.search(rf"(?m)^[ \t]*[\"']?{key}(_file)?\b", text):
            return f"{file}:{text.count(chr(10), 0, found.start()) + 1}"
    return ""


def _check(settings: Settings) -> None:
    if settings.telegram_sensitive not in ("ask", "allow", "refuse"):
        raise SettingsError("telegram_sensitive has no known value", mend="write ask, allow or refuse")
    if settings.database and not re.match(r"sqlite:.", settings.database):
        raise SettingsError("the database is of no known kind", mend='write database = "sqlite:PATH"')
    intake = settings.intake
    if intake != "embedded" and not re.match(
        r"(folder:.|https://.|http://(127\.0\.0\.1|localhost|\[::1\])[:/])", intake
    ):
        raise SettingsError("the intake is of no known kind", mend="write embedded, folder:PATH or https://…")
    if intake.startswith("http") and not settings.intake_key:
        raise SettingsError(
            "intake_key is missing",
            mend="put the line that 'stonechat intake --show-key' prints there: nothing else proves a receipt",
        )
    if settings.telegram_token and not TELEGRAM_TOKEN.match(settings.telegram_token):
        raise SettingsError(
            "the Telegram token is not one", mend="it looks like 123456789:AA… and comes from @BotFather"
        )
    if settings.trained_team not in ("yes", "no"):
        raise SettingsError("trained_team has no known value", mend="write yes or no: reporters read it as your word")
    if settings.logs not in ("text", "json"):
        raise SettingsError("logs has no known value", mend="write text or json")
    if settings.telegram_webhook and not re.match(r"https://[^/?#\s]+(/[^?#\s]*)?$", settings.telegram_webhook):
        raise SettingsError("telegram_webhook is no https address", mend='telegram_webhook = "https://HOST/PATH"')
    _check_telegram(settings)
    _check_alarm(settings)
    for key, example in (("draft_ttl", 72), ("reports_a_day", 20)):
        if getattr(settings, key) == 0:
            raise SettingsError(f"'{key}' can't be 0", mend=f"{key} = {example}")


def _check_telegram(settings: Settings) -> None:
    """An address that is one; and the platform's own servers deliver to four ports alone (Bot API, setWebhook)."""
    try:
        api, hook = urlsplit(settings.telegram_api), urlsplit(settings.telegram_webhook)
        port = hook.port or 443
        is_one = api.scheme in ("http", "https") and bool(api.hostname) and (api.port is None or api.port > 0)
    except ValueError:
        is_one, port = False, 443
    if not is_one or any(c.isspace() for c in settings.telegram_api) or "?" in settings.telegram_api:
        raise SettingsError("telegram_api is no address", mend=f'telegram_api = "{PUBLIC_API}", or take it out')
    if settings.telegram_webhook and port not in PORTS and settings.telegram_api.rstrip("/") == PUBLIC_API:
        what = f"telegram_webhook has port {port}, and Telegram delivers to 443, 80, 88 and 8443 alone"
        raise SettingsError(what, mend="let the proxy listen at one of them (docs/operating.md)")


def _check_alarm(settings: Settings) -> None:
    if settings.alarm_language != "en" or settings.alarm:
        from bot.alarm import words_in

        words_in(settings.alarm_language)
    if settings.alarm_mail:
        from bot.alarm import read_relay

        read_relay(settings.alarm_mail, settings.alarm_from, settings.alarm_mail_password)
    elif any(target.kind == "mailto" for target in settings.alarm):
        raise SettingsError("an alarm goes by mail, and no mail server is set", mend='alarm_mail = "smtps://USER@HOST"')
