"""Files and folders of ours (nobody else's to read), files as people save them, and what a disk says, in one line.

Whatever goes wrong here is a DiskError: what, where, and the command that mends it.
"""

import contextlib
import errno
import os
import pwd
import shlex
import stat
import threading
import time
from pathlib import Path

from bot.errors import SettingsError
from bot.machine.filesystem import mount_point

MOST = 1 << 20  # bytes of a file that a person wrote
ROOT = 0
DYNAMIC = range(61184, 65520)  # uids of systemd's DynamicUser=: they change, and own nothing but the unit's folders
DAY = 86_400  # seconds


class DiskError(SettingsError):
    """A file, a folder or a disk is not as it must be."""


# --- what the system says ---


def refused(error: OSError, path: Path | None = None, *, making: bool = False) -> DiskError:
    """The true cause, and its mend. `path` is where it was, where the error does not say so itself.

    `making`: it is a folder that was to be made.
    """
    named = error.filename if isinstance(error.filename, str) else None
    at = Path(named) if named else path
    if at is None:
        return DiskError(_in_words(error), mend="'stonechat doctor' looks closer")
    match error.errno:
        case errno.ENOENT:
            return _missing(at)
        case errno.EACCES | errno.EPERM:
            return _forbidden(path if making and path else at, making)
        case errno.EISDIR:
            return DiskError("a folder stands where a file belongs", where=str(at), mend="move it away")
        case errno.ENOTDIR | errno.EEXIST:
            file = next((p for p in (at, *at.parents) if _is_file(p)), at)
            return DiskError("a file stands where a folder belongs", where=str(file), mend="move it away")
        case errno.ENOSPC | errno.EDQUOT:
            mend = f"make space on {_mount(at)} (df -h, df -i)"
            return DiskError("the disk is full", where=str(at), mend=mend, passing=True)
        case errno.EROFS:
            near = next((p for p in (at, *at.parents) if p.is_dir()), at)  # systemd takes only what is there
            mend = f"mount {_mount(at)} writable (under systemd: ReadWritePaths={near}), or name another place"
            return DiskError("the disk is mounted read-only", where=str(at), mend=mend)
        case errno.ELOOP:
            return DiskError("a link that leads in a circle", where=str(at), mend=f"rm {_quoted(at)}")
        case errno.ENAMETOOLONG:
            return DiskError("the name is too long for this disk", where=str(at)[:80] + "…", mend="name a shorter path")
        case errno.EIO:
            return DiskError("the disk fails", where=str(at), mend="look at 'dmesg', and save what can still be read")
        case errno.EMFILE | errno.ENFILE:
            mend = "raise LimitNOFILE (ulimit -n)"
            return DiskError("too many files are open", where=str(at), mend=mend, passing=True)
    return DiskError(_in_words(error), where=str(at), mend="'stonechat doctor' looks closer")


def _in_words(error: OSError) -> str:
    return f"the system says: {os.strerror(error.errno)}" if error.errno else f"no answer ({type(error).__name__})"


def _is_file(path: Path) -> bool:
    with contextlib.suppress(OSError):
        return stat.S_ISREG(path.stat().st_mode)
    return False


def _mount(path: Path) -> str:
    return mount_point(path) or "its disk"


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))


def _missing(path: Path) -> DiskError:
    for each in (path, *path.parents):
        if each.is_symlink() and not each.exists():
            what = f"a link to {os.readlink(each)}, which is not there"
            return DiskError(what, where=str(each), mend=f"put it there, or rm {_quoted(each)}")
    return DiskError("it is not there", where=str(path), mend="check the path")


def user_name(uid: int) -> str:
    """A user's name where the machine knows one, else the number."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _forbidden(path: Path, making: bool) -> DiskError:
    """Who bars the way: a folder that may not be entered, the file itself, or the folder that it is to be made in."""
    me = user_name(os.geteuid())
    if each := next((p for p in reversed(path.parents) if not os.access(p, os.X_OK) and p.exists()), None):
        if not is_open_to_others(each) and not _is_somebodys_home(each):
            return _taken_over(each, me)
        mend = f"name a place that {me} may enter, or chmod a+x {_quoted(each)}"
        return DiskError(f"{me} may not enter this folder{_whose(each)}", where=str(each), mend=mend)
    if os.path.lexists(path) and not os.access(path, os.R_OK | os.W_OK):
        return _taken_over(path, me)
    parent = next((p for p in path.parents if p.exists()), path)
    if os.access(parent, os.W_OK):
        return DiskError("the system does not permit it", where=str(path), mend="look at 'lsattr', AppArmor, SELinux")
    if os.geteuid() in DYNAMIC:
        return _taken_over(path if making else parent, me)
    if making:
        mend = f"as root: install -d -m 700 -o {me} {_quoted(path)}"
        return DiskError(f"{me} may not make this folder", where=str(path), mend=mend)
    if parent.stat().st_mode & stat.S_IXOTH:  # a folder that all use is not to be taken over
        mend = f"run it as {user_name(parent.stat().st_uid)}, or name another place"
        return DiskError(f"{me} may not write here{_whose(parent)}", where=str(parent), mend=mend)
    return _taken_over(parent, me)


def _is_somebodys_home(folder: Path) -> bool:
    """Such a one is not to be given to another user."""
    with contextlib.suppress(KeyError):
        return folder == Path(pwd.getpwuid(folder.stat().st_uid).pw_dir)
    return False


def _taken_over(path: Path, me: str) -> DiskError:
    """One of ours that another user made: most often by a command that ran as root."""
    if os.path.lexists(path) and path.lstat().st_uid == os.geteuid():
        return DiskError("its mode bars its owner", where=str(path), mend=f"chmod u+rwX {_quoted(path)}")
    if os.geteuid() in DYNAMIC:
        mend = (
            "hand it over with LoadCredential=" if _is_file(path) else "name a folder below the unit's StateDirectory"
        )
        mend += ", or set DynamicUser=no and a User= whose it is"
        return DiskError("the unit's dynamic user may not use it", where=str(path), mend=mend)
    every = "-R " if path.is_dir() else ""
    what = f"{me} may not use it{_whose(path)}"
    return DiskError(what, where=str(path), mend=f"as root: chown {every}{me} {_quoted(path)}")


def _whose(path: Path) -> str:
    owner = path.lstat().st_uid
    return "" if owner == os.geteuid() else f", it belongs to {user_name(owner)}"


# --- folders and files of ours ---


def make_private(folder: Path) -> None:
    """Make `folder` and every folder above it that is missing, 0700 whatever the umask. What is there stays.

    Raises DiskError.
    """
    try:
        missing = []
        at = folder
        while not os.path.lexists(at):
            missing.append(at)
            at = at.parent
        if not at.is_dir():
            os.listdir(at)  # a file, a dangling link: the system says what it is
        for each in reversed(missing):
            with contextlib.suppress(FileExistsError):
                each.mkdir(0o700)
                each.chmod(0o700)
    except OSError as error:
        raise refused(error, folder, making=True) from None


def check_could_write(folder: Path) -> None:
    """Files could be made here, or the folder itself could: looked at, without making anything. Raises DiskError."""
    try:
        near = next(p for p in (folder, *folder.parents) if os.path.lexists(p) or not is_reachable(p))
        near.stat()
        if not near.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "", str(near))
        if not os.access(near, os.W_OK | os.X_OK):
            readonly = os.statvfs(near).f_flag & os.ST_RDONLY
            raise OSError(errno.EROFS if readonly else errno.EACCES, "", str(folder))
    except OSError as error:
        raise refused(error, folder, making=not os.path.lexists(folder)) from None


def check_writable(folder: Path) -> None:
    """A file can be made here. Raises DiskError."""
    path = folder / f".try.{os.getpid()}"
    try:
        _write_new(path, b"\n")
    except OSError as error:
        raise _of(error, path, folder) from None
    finally:
        _remove(path)


def write_private(path: Path, data: bytes) -> None:
    """Beside, synced, renamed, 0600: whole or not there at all. Raises DiskError."""
    beside = _beside(path)
    try:
        _write_new(beside, data)
        beside.rename(path)
        sync_folder(path.parent)
    except OSError as error:
        _remove(beside)
        raise _of(error, beside, path) from None


def write_over(path: Path, data: bytes) -> None:
    """The same under a name that somebody chose: only a file is replaced there, no pipe or device. Raises DiskError."""
    if path.exists():
        check_file(path)
    write_private(path, data)


def write_once(path: Path, data: bytes) -> None:
    """The same where nothing may be there yet. Raises DiskError; FileExistsError where somebody was quicker."""
    beside = _beside(path)
    try:
        _write_new(beside, data)
        try:
            os.link(beside, path)
        except FileExistsError:
            raise
        except OSError:  # a disk without links
            if path.exists():
                raise FileExistsError(errno.EEXIST, "there already", str(path)) from None
            beside.rename(path)
        sync_folder(path.parent)
    except FileExistsError:
        raise
    except OSError as error:
        raise _of(error, beside, path) from None
    finally:
        _remove(beside)


def _beside(path: Path) -> Path:
    """A name that nobody else writes to at this moment."""
    return path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")


def _write_new(path: Path, data: bytes) -> None:
    _remove(path)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        os.fchmod(handle, 0o600)
        file.write(data)
        file.flush()
        os.fsync(handle)


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def _of(error: OSError, beside: Path, path: Path) -> DiskError:
    """Said of the file that was meant, not of the one beside it."""
    if error.filename in (None, str(beside)):
        error = OSError(error.errno, "", str(path))
    return refused(error, path)


def forget_time(path: Path | int, now: float | None = None) -> None:
    """A file or folder (or an open one's number) tells the day of its last change and no instant: midnight, UTC.

    The file system's own time of the inode's change can't be set: docs/threats.md.
    """
    day = int(time.time() if now is None else now) // DAY * DAY
    with contextlib.suppress(FileNotFoundError):
        os.utime(path, (day, day))


def sync_folder(folder: Path) -> None:
    """A new or removed name is on disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def is_reachable(path: Path) -> bool:
    """Nobody bars the way: what is not seen there is truly not there."""
    try:
        path.stat()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def is_open_to_others(path: Path) -> bool:
    """Its mode lets its group or everybody in. Follows links."""
    return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


# --- files as people save them ---


def check_file(path: Path) -> None:
    """A regular file stands here, or a link to one: nothing that would make its reader wait. Raises DiskError."""
    try:
        found = path.stat()
    except OSError as error:
        raise refused(error, path) from None
    if stat.S_ISDIR(found.st_mode):
        raise refused(IsADirectoryError(errno.EISDIR, "", str(path)))
    if not stat.S_ISREG(found.st_mode):
        raise DiskError("this is no file (a pipe, a device)", where=str(path), mend="name a file")


def read_bytes(path: Path, most: int = MOST) -> bytes:
    """A regular file of at most `most` bytes: a pipe would wait for ever. Raises DiskError."""
    try:
        check_file(path)
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            if os.fstat(file.fileno()).st_size > most:
                raise DiskError(f"the file has more than {most} bytes", where=str(path), mend="is it the right one?")
            return file.read(most)
    except OSError as error:
        raise refused(error, path) from None


def read_text(path: Path, most: int = MOST) -> str:
    """UTF-8 with or without a mark, or UTF-16 as some editors save; line ends become \\n. Raises DiskError."""
    return as_text(read_bytes(path, most), path)


def as_text(data: bytes, path: Path) -> str:
    """What `read_text` makes of these bytes. Raises DiskError."""
    coding = "utf-8-sig"
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        coding = "utf-16"
    elif data[:200].count(0) > len(data[:200]) // 4:  # UTF-16 without a mark: every other byte is zero
        coding = "utf-16-le" if data[1:2] == b"\0" else "utf-16-be"
    try:
        text = data.decode(coding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        mend = "save it as UTF-8"
        raise DiskError("this is no text in UTF-8", where=f"{path}:{line}", mend=mend) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")
