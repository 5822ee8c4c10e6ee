"""What the system must not write down of this process: no core dump, no other process of this user may trace it."""

import ctypes
import resource
import sys

PR_GET_DUMPABLE, PR_SET_DUMPABLE = 3, 4  # prctl(2)


def harden() -> None:
    """At the start of every process that holds keys or words. Other systems than Linux know only the first half."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def is_dumpable() -> bool:
    """Whether the system would still write this process down."""
    return bool(sys.platform != "linux" or ctypes.CDLL(None).prctl(PR_GET_DUMPABLE, 0, 0, 0, 0))
