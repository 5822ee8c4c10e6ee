"""What a translation must keep of its English: names, numbers, addresses, words to type, paragraphs; no label twice."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from gettext import c2py

from bot.flow.check import graphemes
from bot.flow.every import Sentence
from bot.words.catalogue import PLACE
from bot.words.extracting import longest
from bot.words.folding import folded, western_digits
from bot.words.pofile import COUNTED, Po
from bot.words.pogrammar import Entry
from bot.words.spacing import NOT_SPACED, Spacing

COMMAND = "typed.command."
HIDDEN = ("Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp")
CLEAN = set("\n\u200c\u200d")  # seen to be none of these; Persian, Kurdish and the scripts of India need the joiners
BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
MARKS = re.compile(r"#-#-#-#-#|^(?:<{7}|={7}|>{7}|\|{7})(?:\s|$)", re.MULTILINE)
FORMAT = re.compile(r"%(?:\(\w+\))?[sd]\b|\$\{|%\d\$")
DOMAIN = r"(?:[a-z0-9-]+\.)+(?:org|eu|net|com|int|info|io|is|me|ch|de|fr|uk|onion)(?![\w.-]*\w)"
ADDRESS = re.compile(
    rf"https?://[^\s<>()\[\]{{}}»”\"،؛]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<![\w.@/]){DOMAIN}(?:/[^\s<>()»”\"،؛]*)?"
    r"|(?<![\w./])[/@][a-z_]{3,}",
    re.ASCII | re.IGNORECASE,
)
NUMBER = re.compile(r"\d+")
LONG_NUMBER = re.compile(r"[+＋]?\d(?:[\s().\-–/\u00a0\u202f]{0,2}\d)+")
CLOCK = re.compile(r"(\d{1,2})(?:[:.]\d\d)?\s?([ap])\.?m\b", re.IGNORECASE)
QUOTED = re.compile(
    '"([^"\n]+)"|“([^”“\n]+)[”“]|„([^“”\n]+)[“”]|«\\s*([^»\n]+?)\\s*»|»\\s*([^«\n]+?)\\s*«|‘([^’\n]+)’|「([^」\n]+)」|『([^』\n]+)』'
)
BULLET = re.compile(r"^\s*[•◦*·–-]\s*(.*?)\s*$", re.MULTILINE)
AFTER_WORD = re.compile(r"\s+[–—:-]\s+|\s*[:：]\s*")
WORD = re.compile(r"[^\W\d_]{2,}")
LAYOUT = {
    "breaks between paragraphs": re.compile(r"\n\s*\n"),
    "line ends": re.compile(r"\n"),
    "points of a list": re.compile(r"^\s*[•◦*·-]\s", re.MULTILINE),
}
TELLING = re.compile(r"\d|[@/]|\w\.\w")  # without one of these there is no number and no address
SAME = 4  # words; fewer may well be the same in two languages
LISTS = ("typed.",)  # words that people type: nothing of these is shown
OWN_NAMES = ("help.", "codes.countries.")

# What stands beside every list of choices; and what is offered at one moment.
BESIDE = ("back", "skip", "help_word", "danger_word", "not_sure", "more", "groups", "keep", "done")
ALWAYS = frozenset(f"bot.{name}" for name in BESIDE)
TOGETHER = (
    BESIDE,
    ("yes", "no", *BESIDE),
    ("country_both", "neither", "not_sure", "help_word", "danger_word", "back", "skip"),
    ("country_regions", "keep_words", "not_sure", "more", "help_word", "danger_word", "back", "skip"),
    ("send", "change", "add_more", "erase", "to_review", "danger_word", "help_word", "more"),
    ("go_on", "start_new", "erase"),
    ("sure_no", "sure_yes"),
    ("doubt_keep", "doubt_again"),
    ("held_keep", "held_drop"),
)


def compare(
    sentence: Sentence, entry: Entry, po: Po, commands: Mapping[str, str], spacing: Spacing = NOT_SPACED
) -> Iterator[str]:
    """What is wrong with one translation, in every form of it, with the mend. `commands` are folded words to type.

    A button is as long as it is with its spaces put in.
    """
    message, many = sentence.message, isinstance(entry.string, tuple)
    lone = _forms_of_one_number(po) if many else frozenset()
    english = message.plural or message.text
    for form, string in enumerate(entry.strings):
        name = f"'{message.context}'" + (f", msgstr[{form}]," if many else "")
        long = _too_long(sentence, spacing(string)) if sentence.is_label else ()
        for what in (*_one(sentence, english, string, form in lone, commands), *long):
            yield f"{name} {what}"
        if not message.context.startswith((*LISTS, *OWN_NAMES)) and _is_english(
            message.text, string, po, message.context
        ):
            yield f"{name} is the English; translate it"
    if many != bool(message.plural):
        yield f"'{message.context}' has plural forms and the English none, or the other way round; run 'words extract'"
    elif many and len(entry.strings) != po.num_plurals:
        yield f"'{message.context}' has {len(entry.strings)} plural forms; this language has {po.num_plurals}"


def _one(sentence: Sentence, english: str, string: str, is_lone: bool, commands: Mapping[str, str]) -> Iterator[str]:
    message = sentence.message
    yield from _letters(string)
    yield from _places(message.text, english, string, is_lone)
    if string.strip() != string and message.text.strip() == message.text:
        yield "begins or ends with a space or a line end; take it out"
    if message.context.startswith(LISTS):
        return
    yield from _layout(english, string)
    yield from _numbers(
        f"{message.text}\n{message.plural}" if message.plural else english, string, bool(message.plural)
    )
    yield from _commands(english, string, commands)


def _too_long(sentence: Sentence, string: str) -> Iterator[str]:
    most = longest(sentence)
    if len(string) > most and graphemes(string) > most:
        yield f"is a button and longer than {most} characters; shorten it"


def _letters(string: str) -> Iterator[str]:
    seen = set(string) - CLEAN
    if odd := {c for c in seen if unicodedata.category(c) in HIDDEN}:
        if BIDI.search(string):
            yield "holds direction marks; take them out, the bot adds its own"
        if hidden := sorted(f"U+{ord(c):04X}" for c in odd if not BIDI.match(c)):
            yield f"holds what nobody sees ({', '.join(hidden)}); take it out"
    CLEAN.update(seen - odd)
    if MARKS.search(string):
        yield "holds marks of a merge; keep one side, and take the marks out"
    digits = NUMBER.findall(string)
    if any(n.isascii() for n in digits) and not all(n.isascii() for n in digits):
        yield "mixes digits of two scripts; write all in one"


def _places(singular: str, english: str, string: str, is_lone: bool) -> Iterator[str]:
    wanted, found = set(PLACE.findall(english)), set(PLACE.findall(string))
    lacks = wanted - found
    if is_lone:  # "an hour": it may say its number in words, the one that the English singular does not name
        counted = wanted - set(PLACE.findall(singular)) or (wanted if len(lacks) == 1 else set())
        lacks -= counted
    if found - wanted or lacks:
        names = ", ".join(f"{{{n}}}" for n in sorted(wanted)) or "none"
        yield f"has other placeholders than the English; it needs: {names}"
    elif any(c in PLACE.sub("", string) for c in "{}") and not any(c in PLACE.sub("", english) for c in "{}"):
        yield "holds a brace that is no placeholder; write {name} as it is in the English"
    if FORMAT.search(string) and not FORMAT.search(english):
        yield "holds a placeholder of another kind (%s); write {name} as it is in the English"


def _layout(english: str, string: str) -> Iterator[str]:
    if "\n" not in english and "\n" not in string:
        return
    for name, count in LAYOUT.items():
        has, needs = (len(count.findall(text.strip())) for text in (string, english))
        if has != needs:
            yield f"has {has} {name}, the English {needs}; keep them"
            return


def _numbers(english: str, string: str, is_plural: bool) -> Iterator[str]:
    if not TELLING.search(english) and not TELLING.search(string):
        return
    addresses = [
        Counter(a.rstrip(".,;:!?").lower() for a in ADDRESS.findall(PLACE.sub(" ", text))) for text in (english, string)
    ]
    if addresses[0] != addresses[1] and not (is_plural and not addresses[1] - addresses[0]):
        odd = [*(addresses[1] - addresses[0]), *(addresses[0] - addresses[1])]
        yield f"has another address than the English ({', '.join(odd)}); keep it to the letter"
    bare = [western_digits(ADDRESS.sub(" ", PLACE.sub(" ", text))) for text in (english, string)]
    pairs = list(zip(*(text.split("\n") for text in bare), strict=False))
    if is_plural or len({len(text.split("\n")) for text in bare}) > 1:
        pairs = [(bare[0], bare[1])]
    for ours, theirs in pairs:
        if odd := _other_numbers(ours, theirs, is_plural):
            yield f"has other numbers than the English ({', '.join(odd)}); keep them"
            return


def _other_numbers(english: str, string: str, is_plural: bool) -> list[str]:
    wanted, found = (Counter(_number(n) for n in NUMBER.findall(text)) for text in (english, string))
    if is_plural:  # a form for one number says it in words
        return [n for n in found if n not in wanted]
    if wanted == found:
        return []
    if _phones(english) == _phones(string):
        return []  # the same numbers, grouped as people there write them
    for hour, half in CLOCK.findall(english):
        late = str(int(hour) % 12 + (12 if half.lower() == "p" else 0))
        if late in found and hour in wanted:
            found[late] -= 1
            wanted[hour] -= 1
    return [*(+found - wanted).elements(), *(+wanted - found).elements()]


def _phones(text: str) -> tuple[Counter[str], Counter[str]]:
    """Long numbers without what groups them, and all others."""
    joined = Counter("".join(c for c in n if c.isdecimal() or c in "+＋") for n in LONG_NUMBER.findall(text))
    return joined, Counter(_number(n) for n in NUMBER.findall(LONG_NUMBER.sub(" ", text)))


def _number(digits: str) -> str:
    """8 h is 08:00; a phone number keeps its 0."""
    return digits[1:] if len(digits) == 2 and digits[0] == "0" else digits


# --- words to type ---


def typed_commands(every: Iterable[Sentence], entries: Mapping[tuple[str, str], Entry]) -> dict[str, str]:
    """Every folded word that works everywhere in this language or in English, and which command it is."""
    found: dict[str, str] = {}
    for own in (False, True):
        for sentence in every:
            if sentence.message.context.startswith(COMMAND):
                entry = entries.get((sentence.message.context, sentence.message.text))
                words = sentence.message.text if not own else entry.strings[0] if entry else ""
                found |= {folded(w) or w: sentence.message.context for w in words_in(words)}
    return found


def words_in(listed: str) -> list[str]:
    """What stands between the commas of a list of words to type."""
    return [w for word in re.split("[,،、，]", listed) if (w := word.strip()) and w != "-"]


def mentions(text: str, commands: Mapping[str, str]) -> Counter[str]:
    """Which commands a text tells people to type: words in quotes, and those that begin the points of a list."""
    said = [next(filter(None, found)) for found in QUOTED.findall(text)]
    said += [
        AFTER_WORD.split(QUOTED.sub(lambda m: m.group().strip("\"“”„«»' "), point))[0] for point in BULLET.findall(text)
    ]
    return Counter(commands[word] for each in said if (word := folded(each) or each) in commands)


def _commands(english: str, string: str, commands: Mapping[str, str]) -> Iterator[str]:
    if '"' not in english and "•" not in english:
        return
    for context in mentions(english, commands) - mentions(string, commands):
        yield f"tells people to type no word of '{context}', as the English does; write one of its words"


# --- all of one language ---


def twice(every: Sequence[Sentence], entries: Mapping[tuple[str, str], Entry]) -> Iterator[tuple[Entry, str]]:
    """Labels that stand twice in one list, and words to type that mean two things."""
    lists: dict[str, dict[str, tuple[str, str]]] = {}
    beside = {f"bot.{name}": i for i, names in enumerate(TOGETHER) for name in names}
    shared: dict[str, tuple[str, str]] = {}  # what stands beside every list
    reported: set[str] = set()
    for sentence in every:
        message = sentence.message
        entry = entries.get((message.context, message.text))
        if entry is None or not entry.strings[0]:
            continue
        word = folded(entry.strings[0]) or entry.strings[0]
        if message.context in ALWAYS:
            shared[word] = message.context, message.text
        names = _lists_of(sentence, beside)
        for name in names:
            other = lists.setdefault(name, {}).setdefault(word, (message.context, message.text))
            if folded(other[1]) != folded(message.text) and message.context not in reported:
                reported.add(message.context)
                yield entry, f"'{message.context}' says the same as '{other[0]}', in one list; make them differ"
    for sentence in every:
        entry = entries.get((sentence.message.context, sentence.message.text))
        if (
            entry is None
            or not sentence.is_label
            or sentence.message.context.endswith(".title")
            or ".group." in entry.context
        ):
            continue
        same = shared.get(folded(entry.strings[0]))
        if same is not None and folded(same[1]) != folded(sentence.message.text) and entry.context not in reported:
            yield entry, f"'{entry.context}' says the same as '{same[0]}', which stands beside it; make them differ"
    yield from _two_meanings(every, entries)


def _lists_of(sentence: Sentence, beside: Mapping[str, int]) -> list[str]:
    """The lists in which a label stands; its last name is a number where it is a variant, shown instead."""
    context = sentence.message.context
    if context.startswith("bot."):
        return [f"bot {i}" for i, names in enumerate(TOGETHER) if context[4:] in names] if context in beside else []
    if context.startswith("codes.countries."):
        return ["codes.countries"]
    if not sentence.is_label:
        return []
    names = context.split(".")
    variant = names.pop() if names[-1].isdecimal() else ""
    if names[-1] == "title":
        return [f"{names[0]} title"]
    return [f"{'.'.join(names[:-1])} {variant}"]


def _two_meanings(every: Sequence[Sentence], entries: Mapping[tuple[str, str], Entry]) -> Iterator[tuple[Entry, str]]:
    english = typed_commands(every, {})
    seen: dict[str, str] = {}
    for sentence in every:
        context = sentence.message.context
        entry = entries.get((context, sentence.message.text))
        if entry is None or not context.startswith(COMMAND):
            continue
        for word in words_in(entry.strings[0]):
            key = folded(word) or word
            other = seen.setdefault(key, context)
            if other != context or english.get(key, context) != context:
                also = other if other != context else english[key]
                yield entry, f"'{context}' and '{also}' both have '{word}'; take it out of one"


def _is_english(english: str, string: str, po: Po, context: str) -> bool:
    return (
        po.locale.language != "en" and string.strip() == english and len(WORD.findall(PLACE.sub("", english))) >= SAME
    )


def _forms_of_one_number(po: Po) -> frozenset[int]:
    """Forms that stand for one number alone, like the Arabic "two"; nobody counts none (French: 0 and 1)."""
    choose = c2py(po.plural_expr)
    counted = Counter(choose(n) for n in range(1, COUNTED))
    return frozenset(form for form in range(po.num_plurals) if counted[form] <= 1)
