"""What a process that others fork from does before they do: all imports, and the flows parsed once."""

import tests.faults.entry  # noqa: F401
from bot.words.loading import load_flows, load_words
from tests.conftest import ParsedOnce

load_flows(load_words())
assert ParsedOnce.known
