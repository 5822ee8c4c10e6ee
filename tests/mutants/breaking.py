"""Which one-line breaks a file has. Pure: source in, breaks out."""

import ast
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators


@dataclass(frozen=True)
class Break:
    """`line` is where it is, `statement` where the statement around it begins; coverage may know only that one."""

    path: str
    line: int
    statement: int
    make: Callable[[], str]  # the broken file


def lost_line(node: cst.SimpleStatementLine) -> Iterable[cst.SimpleStatementLine]:
    """A line that calls, raises or adds up something is forgotten."""
    if isinstance(node.body[0], cst.Expr | cst.Raise | cst.AugAssign | cst.Del):
        yield node.with_changes(body=[cst.Pass()])


def lost_condition(node: cst.If) -> Iterable[cst.If]:
    """Always, or never."""
    for word in ("True", "False"):
        yield node.with_changes(test=cst.Name(word), whitespace_before_test=cst.SimpleWhitespace(" "))


def lost_result(node: cst.Return) -> Iterable[cst.Return]:
    if node.value is not None and not (isinstance(node.value, cst.Name) and node.value.value == "None"):
        yield node.with_changes(value=cst.Name("None"))


OPERATORS: Sequence[tuple[type, Callable[[Any], Iterable[cst.CSTNode]]]] = (
    *mutation_operators,
    (cst.SimpleStatementLine, lost_line),
    (cst.If, lost_condition),
    (cst.Return, lost_result),
)


STRICTER = ("frozen", "slots", "array_like", "strict", "mend", "where")  # of a class, of zip, of an error's words


def _is_prose(node: cst.CSTNode) -> bool:
    """Types, docstrings, imports, logs and the words of errors: tests do not hold every letter of these."""
    if isinstance(node, cst.Annotation | cst.Import | cst.ImportFrom | cst.Assert | cst.Raise):
        return True
    if isinstance(node, cst.Expr) and isinstance(node.value, cst.BaseString | cst.Ellipsis):
        return True
    if isinstance(node, cst.Subscript) and isinstance(node.value, cst.Name) and node.value.value == "Literal":
        return True
    if isinstance(node, cst.Arg) and node.keyword is not None and node.keyword.value in STRICTER:
        return True
    if not isinstance(node, cst.Call):
        return False
    name = node.func
    if isinstance(name, cst.Attribute) and isinstance(name.value, cst.Name) and name.value.value == "log":
        return True
    return isinstance(name, cst.Name) and name.value.endswith(("Error", "Refused", "TypeVar"))


class _Finder(cst.CSTVisitor):
    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[int, int, cst.CSTNode, cst.CSTNode]] = []
        self._statements: list[int] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        statement = isinstance(node, cst.SimpleStatementLine | cst.BaseCompoundStatement)
        where = self.get_metadata(PositionProvider, node, None)
        if statement:
            self._statements.append(where.start.line)
        if where is not None and not (statement and _says_only(node)):
            line = where.start.line
            for kind, operator in OPERATORS if not _is_prose(node) else ():
                if isinstance(node, kind):
                    first = self._statements[-1] if self._statements else line
                    self.found += [(line, first, node, other) for other in operator(node)]
        return not _is_prose(node)

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if isinstance(original_node, cst.SimpleStatementLine | cst.BaseCompoundStatement):
            self._statements.pop()


def _says_only(node: cst.CSTNode) -> bool:
    """A line of prose as a whole; a raise may be lost, its words are not looked at."""
    return isinstance(node, cst.SimpleStatementLine) and all(
        isinstance(part, cst.Expr) and (_is_prose(part) or _is_prose(part.value)) for part in node.body
    )


def breaks(path: str, source: str) -> Iterator[Break]:
    """Every break of a file; a few are no Python, or the same program as before."""
    wrapper = MetadataWrapper(cst.parse_module(source))
    finder = _Finder()
    wrapper.visit(finder)
    module = wrapper.module

    def making(old: cst.CSTNode, new: cst.CSTNode) -> Callable[[], str]:
        return lambda: module.deep_replace(old, new).code  # type: ignore[arg-type]

    for line, statement, old, new in finder.found:
        yield Break(path, line, statement, making(old, new))


def is_another_program(source: str, broken: str) -> bool:
    """SQL says the same in small letters: a break that only changes the case of many words is none."""
    try:
        return _meaning(source) != _meaning(broken)
    except SyntaxError:
        return False


def _meaning(source: str) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            node.value = node.value.lower()
    return ast.dump(tree)


def sample(sources: dict[str, str], most: int, seed: int) -> list[Break]:
    """At most one break a line, of lines drawn by `seed`: the same sources and seed give the same sample."""
    draw = random.Random(seed)
    lines: dict[tuple[str, int], list[Break]] = {}
    for path in sorted(sources):
        for each in breaks(path, sources[path]):
            lines.setdefault((path, each.line), []).append(each)
    found: list[Break] = []
    for key in draw.sample(sorted(lines), len(lines)):
        if len(found) == most:
            break
        for each in draw.sample(lines[key], len(lines[key])):
            if is_another_program(sources[each.path], each.make()):
                found.append(each)
                break
    return found
