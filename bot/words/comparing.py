"""What a translation must keep of its English: names, numbers, addresses, words to type, paragraphs; no label twice."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from gettext import c2py

from bot.flow.check import graphemes
from bot.flow.every import Sentence
from bot.words.addresses import NUMBER, wrong_numbers
from bot.words.catalogue import PLACE
from bot.words.extracting import longest
from bot.words.folding import folded
from bot.words.languages import is_latin
from bot.words.leftovers import is_english_left
from bot.words.letters import wrong_letters
from bot.words.pofile import COUNTED, Po
from bot.words.pogrammar import Entry
from bot.words.spacing import NOT_SPACED, Spacing
from bot.words.typedlists import DISTINCT, words_in, wrong_list

COMMAND = "typed.command."
FORMAT = re.compile(r"%(?:\(\w+\))?[sd]\b|\$\{|%\d\$")
QUOTED = re.compile(
    '"([^"\n]+)"|“([^”“\n]+)[”“]|„([^“”\n]+)[“”]|«\\s*([^»\n]+?)\\s*»|»\\s*([^«\n]+?)\\s*«|‘([^’\n]+)’|「([^」\n]+)」|『([^』\n]+)』'
)
BULLET = re.compile(r"^\s*[•◦*·–-]\s*(.*?)\s*$", re.MULTILINE)
AFTER_WORD = re.compile(r"\s+[–—:-]\s+|\s*[:：]\s*")
POINT = re.compile(r"^\s*[•◦*·-]\s", re.MULTILINE)
LAYOUT = {
    "breaks between paragraphs": re.compile(r"\n\s*\n"),
    "line ends": re.compile(r"\n"),
    "points of a list": POINT,
}
LETTER = re.compile("[A-Za-z]")
LISTS = ("typed.",)  # words that people type: nothing of these is shown

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
    english, latin = message.plural or message.text, is_latin(po.locale)
    for form, string in enumerate(entry.strings):
        name = f"'{message.context}'" + (f", msgstr[{form}]," if many else "")
        long = _too_long(sentence, spacing(string)) if sentence.is_label else ()
        for what in (*_one(sentence, english, string, form in lone, commands), *long):
            yield f"{name} {what}"
        if latin and LETTER.search(string) and any(not n.isascii() for n in NUMBER.findall(string)):
            yield f"{name} has digits that this language does not write; write 0 to 9"
        if po.locale.language != "en" and is_english_left(message.context, message.text, string, latin):
            yield f"{name} is the English; translate it"
    if many != bool(message.plural):
        yield f"'{message.context}' has plural forms and the English none, or the other way round; run 'words extract'"
    elif many and len(entry.strings) != po.num_plurals:
        yield f"'{message.context}' has {len(entry.strings)} plural forms; this language has {po.num_plurals}"


def _one(sentence: Sentence, english: str, string: str, is_lone: bool, commands: Mapping[str, str]) -> Iterator[str]:
    message = sentence.message
    yield from wrong_letters(message.text, string, message.context.startswith(LISTS))
    digits = NUMBER.findall(string)
    if any(n.isascii() for n in digits) and not all(n.isascii() for n in digits):
        yield "mixes digits of two scripts; write all in one"
    yield from _places(message.text, english, string, is_lone)
    if string.strip() != string and message.text.strip() == message.text:
        yield "begins or ends with a space or a line end; take it out"
    if message.context.startswith(LISTS):
        yield from wrong_list(message.context, message.text, string)
        return
    yield from _layout(english, string)
    yield from wrong_numbers(message.text, message.plural, string)
    yield from _commands(english, string, commands)


def _too_long(sentence: Sentence, string: str) -> Iterator[str]:
    most = longest(sentence)
    if len(string) > most and graphemes(string) > most:
        yield f"is a button and longer than {most} characters; shorten it"


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
    if [bool(POINT.match(line)) for line in string.split("\n")] != [
        bool(POINT.match(line)) for line in english.split("\n")
    ]:
        yield "has its lines in another order than the English; keep it"


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
    numbers: dict[tuple[str, str], str] = {}
    for sentence in every:
        context = sentence.message.context
        entry = entries.get((context, sentence.message.text))
        if entry is None:
            continue
        if family := DISTINCT.match(context):
            for word in words_in(entry.strings[0]):
                other = numbers.setdefault((family.group(1), folded(word) or word), context)
                if other != context:
                    yield entry, f"'{context}' and '{other}' both have '{word}'; take it out of one"
        if not context.startswith(COMMAND):
            continue
        for word in words_in(entry.strings[0]):
            key = folded(word) or word
            other = seen.setdefault(key, context)
            if other != context or english.get(key, context) != context:
                also = other if other != context else english[key]
                yield entry, f"'{context}' and '{also}' both have '{word}'; take it out of one"


def _forms_of_one_number(po: Po) -> frozenset[int]:
    """Forms that stand for one number alone, like the Arabic "two"; nobody counts none (French: 0 and 1)."""
    choose = c2py(po.plural_expr)
    counted = Counter(choose(n) for n in range(1, COUNTED))
    return frozenset(form for form in range(po.num_plurals) if counted[form] <= 1)
