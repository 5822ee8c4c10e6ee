"""`stonechat flow check`: whether a step can be asked at all, or its conditions exclude each other."""

from collections.abc import Iterator, Mapping

from bot.flow.model import ALWAYS, ANY, Condition, Flow, Step

Makes = dict[str, frozenset[str]]  # of one-answer steps: which of their answers


class Ways:
    """Every way to a step, as the answers that it takes."""

    def __init__(self, flow: Flow) -> None:
        """Of the steps of one flow."""
        self.flow = flow

    def exists(self, step: Step) -> bool:
        """Whether there is one."""
        return any(True for _ in self._ways(step))

    def _options_of(self, key: str) -> frozenset[str]:
        step = self.flow.steps[key]
        return frozenset(o.id for o in step.options) if step.kind in ("choice", "consent") else frozenset()

    def _expand(self, condition: Condition) -> Iterator[Makes]:
        """Every way in which a condition can hold, as values of one-answer steps."""
        base: Makes = {}
        for key, values in condition.needs.items():
            if key in self.flow.steps and (known := self._options_of(key)):
                base[key] = known if ANY in values else values
        for inner in condition.none_of:
            if len(inner.needs) == 1 and not inner.any_of and not inner.none_of:
                ((key, values),) = inner.needs.items()
                if key in self.flow.steps and (known := self._options_of(key)):
                    base[key] = base.get(key, known) - values
        if not condition.any_of:
            yield base
        for inner in condition.any_of:
            for way in self._expand(inner):
                if (both := _merge(base, way)) is not None:
                    yield both

    def _ways(self, step: Step, depth: int = 0) -> Iterator[Makes]:
        """Every way to this step, with what the steps that it waits for need themselves."""
        for way in self._expand(step.when):
            ways: list[Makes] = [way] if all(way.values()) else []
            for key in way:
                if depth < 8 and self.flow.steps[key].when != ALWAYS:
                    further = list(self._ways(self.flow.steps[key], depth + 1))
                    ways = [m for w in ways for f in further if (m := _merge(w, f)) is not None]
            yield from ways


def _merge(one: Mapping[str, frozenset[str]], other: Mapping[str, frozenset[str]]) -> Makes | None:
    """Both at once; None where they exclude each other."""
    out = dict(one)
    for key, values in other.items():
        out[key] = out[key] & values if key in out else values
        if not out[key]:
            return None
    return out
