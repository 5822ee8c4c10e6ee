"""A flow drawn: Mermaid text, or an SVG by graphviz."""

import subprocess
from shutil import which

from bot.errors import StonechatError
from bot.flow.model import ALWAYS, Condition, Flow, Step

SHAPES = {"text": "box", "choice": "diamond", "choices": "diamond", "consent": "octagon", "screen": "ellipse"}


def words(condition: Condition) -> str:
    """A condition as people read it."""
    found = [
        f"{key}: {' | '.join(sorted(values)[:3])}{' …' if len(values) > 3 else ''}"
        for key, values in condition.needs.items()
    ]
    found += [f"not ({words(c)})" for c in condition.none_of]
    if condition.any_of:
        found.append(" or ".join(f"({words(c)})" for c in condition.any_of))
    return ", ".join(found)


def _label(step: Step) -> str:
    mark = " *" if step.required else ""
    return f"{step.id}{mark}<br/>{step.kind}"


def mermaid(flow: Flow) -> str:
    """Chapters as boxes, steps in order, conditions on the arrows."""
    lines = ["flowchart TD"]
    before = ""
    for chapter in flow.chapters:
        lines.append(
            f'  subgraph {chapter.id}["{chapter.id}{f" (up to {chapter.repeat} times)" if chapter.repeat > 1 else ""}"]'
        )
        lines += [f'    {step.id}["{_label(step)}"]' for step in chapter.steps]
        lines.append("  end")
        for step in chapter.steps:
            if before:
                when = f'|"{words(step.when)}"|' if step.when != ALWAYS else ""
                lines.append(f"  {before} -->{when} {step.id}")
            before = step.id
    lines.append(f"  {before} --> review([review])")
    return "\n".join(lines)


def dot(flow: Flow) -> str:
    """The same for graphviz."""
    lines = ["digraph flow {", '  rankdir=TB; node [fontname="sans-serif", fontsize=10]; edge [fontsize=8];']
    before = ""
    for chapter in flow.chapters:
        lines.append(f'  subgraph "cluster_{chapter.id}" {{ label="{chapter.id}";')
        lines += [f'    "{s.id}" [shape={SHAPES.get(s.kind, "box")}];' for s in chapter.steps]
        lines.append("  }")
        for step in chapter.steps:
            if before:
                when = words(step.when).replace('"', "'")
                lines.append(f'  "{before}" -> "{step.id}" [label="{when}"];')
            before = step.id
    return "\n".join([*lines, "}"])


def svg(flow: Flow) -> bytes:
    """The drawing. Raises StonechatError where graphviz is missing."""
    program = which("dot")
    if program is None:
        raise StonechatError("graphviz is not installed", mend="sudo apt-get install graphviz")
    return subprocess.run([program, "-Tsvg"], input=dot(flow).encode(), capture_output=True, check=True).stdout
