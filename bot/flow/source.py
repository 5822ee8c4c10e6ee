"""YAML 1.2 with line numbers. Whatever it can't be is one FlowError with its line."""

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import ConstructorError, RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import ScalarNode

from bot.errors import StonechatError


class FlowError(StonechatError):
    """A flow file that can't be used: what, file and line, the mend."""

    def __init__(self, path: Path | str, line: int, what: str, mend: str = "") -> None:
        """`line` from 1; `mend` is what to do about it."""
        super().__init__(what, where=f"{path}:{line}", mend=mend)


class _Constructor(RoundTripConstructor):
    """ruamel's, where a date, a number or a key that is none has a line too."""

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (ValueError, KeyError, TypeError):
            kind = node.tag.rpartition(":")[2]
            raise ConstructorError(None, None, f"this is no {kind}; put text in quotes", node.start_mark) from None

    def check_mapping_key(self, node: Any, key_node: Any, mapping: Any, key: Any, value: Any) -> bool:
        if not isinstance(key_node, ScalarNode):
            raise ConstructorError(None, None, "a key must be text; put it in quotes", key_node.start_mark)
        return bool(super().check_mapping_key(node, key_node, mapping, key, value))


def read_yaml(path: Path) -> Any:
    """One YAML 1.2 document with line numbers. Duplicate keys are errors."""
    yaml = YAML(typ="rt")
    yaml.Constructor = _Constructor
    try:
        return yaml.load(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise FlowError(path, line, (error.problem or "this is not YAML").strip(), "see docs/flows.md") from None
    except RecursionError:
        raise FlowError(path, 1, "this is nested too deeply", "see docs/flows.md") from None
    except (YAMLError, UnicodeDecodeError, OSError) as error:
        raise FlowError(path, 1, f"this can't be read as YAML ({type(error).__name__})") from None


def line_of(node: Any, key: Any = None) -> int:
    """The line, from 1, of a mapping, a list, or one of their entries."""
    if not hasattr(node, "lc"):
        return 1
    try:
        return int(node.lc.data[key][0]) + 1 if key is not None else int(node.lc.line) + 1
    except (KeyError, TypeError, IndexError):
        return int(node.lc.line or 0) + 1  # a scalar with a tag has no line of its own
