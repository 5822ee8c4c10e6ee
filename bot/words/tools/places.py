"""Makes flows/places/cldr/*.json and flows/places/world/*.json anew: names of countries, towns and peoples.

    npm pack cldr-core cldr-localenames-full     # unpack each; both are under the Unicode licence
    npm pack world-countries                     # official names and peoples; Open Database License 1.0
    python -m bot.words.tools.places FOLDER_OF_CORE FOLDER_OF_LOCALENAMES FOLDER_OF_WORLD_COUNTRIES

What people say beside these names is written by hand, in flows/places/<language>.yaml.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from babel import Locale
from babel.core import get_global

from bot.words.loading import data_folder

LANGUAGES = "am ar en es fa fr hi my pt ru sw tr uk zh".split(" ")
NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "QO", "ZZ", "XA", "XB", "EA", "IC", "AC", "CP", "CQ", "DG", "TA"})


def names(localenames: Path, language: str) -> dict[str, list[str]]:
    """Every name of every country, the usual one first; "Myanmar (Birmanie)" gives both."""
    path = localenames / "main" / language / "territories.json"
    listed = json.loads(path.read_text("utf-8"))["main"][language]["localeDisplayNames"]["territories"]
    found: dict[str, list[str]] = {}
    for key, name in listed.items():
        code = key.partition("-")[0]
        if len(code) != 2 or not code.isalpha() or code in NO_COUNTRIES or key.endswith("-alt-chagos"):
            continue
        outer, _, inner = name.partition(" (")
        for each in (name, outer, inner.rstrip(")")):
            # "Congo (Kinshasa)": neither half is a name of one country alone.
            if each and each not in found.setdefault(code, []) and (each == name or code not in ("CD", "CG")):
                found[code].append(each)
    return found


def towns(language: str) -> dict[str, str]:
    """Town to country: those that CLDR names time zones after, most capitals among them."""
    zones = Locale.parse(language).time_zones
    found = {}
    for code, listed in get_global("territory_zones").items():
        for zone in listed if code not in NO_COUNTRIES else ():
            name = zones.get(zone, {}).get("city") or zone.rpartition("/")[2].replace("_", " ")
            if isinstance(name, str):
                found[name] = code
    return found


def alpha3(core: Path) -> dict[str, str]:
    path = core / "supplemental" / "codeMappings.json"
    mappings: Mapping[str, Mapping[str, Any]] = json.loads(path.read_text("utf-8"))["supplemental"]["codeMappings"]
    return {str(m["_alpha3"]): code for code, m in mappings.items() if "_alpha3" in m and code not in NO_COUNTRIES}


WORLD = {
    "ar": "ara",
    "en": "eng",
    "es": "spa",
    "fa": "per",
    "fr": "fra",
    "pt": "por",
    "ru": "rus",
    "tr": "tur",
    "zh": "zho",
}
UNCLEAR = frozenset({"CD", "CG", "MF", "SX", "AS", "KP", "KR", "TW"})  # what two go by is written by hand


def world(folder: Path, language: str) -> dict[str, dict[str, list[str]]]:
    """Usual and official names, and in English and French the peoples; those of a dependency are its country's own."""
    countries = json.loads((folder / "countries.json").read_text("utf-8"))
    third = WORLD[language]
    listed: dict[str, list[str]] = {}
    people: dict[str, list[str]] = {}
    for each in sorted(countries, key=lambda c: (not c["independent"], c["cca2"])):
        said = each["name"] if language == "en" else each["translations"].get(third, {})
        said = [said[key] for key in ("common", "official") if said.get(key)]
        if each["cca2"] not in UNCLEAR and each["cca2"] != "GS":
            listed[each["cca2"]] = list(dict.fromkeys(said))
        for name in (each["demonyms"].get(third) or {}).values():
            if name and (each["independent"] or name not in people):
                people.setdefault(name, []).append(each["cca2"])
    return {"names": listed, "people": {n: sorted(set(codes)) for n, codes in people.items()}}


def write(path: Path, content: Mapping[str, Mapping[str, Any]]) -> None:
    """One entry a line: a diff shows what a new CLDR changes."""
    blocks = []
    for title, entries in content.items():
        lines = ",\n".join(
            f"  {json.dumps(k, ensure_ascii=False)}: {json.dumps(v, ensure_ascii=False)}"
            for k, v in sorted(entries.items())
        )
        blocks.append(f"{json.dumps(title)}: {{\n{lines}\n}}")
    path.write_text("{" + ",\n".join(blocks) + "}\n", "utf-8")


def main(core: Path, localenames: Path, countries: Path) -> None:
    folder = data_folder("flows") / "places" / "cldr"
    for language in LANGUAGES:
        write(folder / f"{language}.json", {"names": names(localenames, language), "towns": towns(language)})
    write(folder / "codes.json", {"alpha3": alpha3(core)})
    for language in WORLD:
        write(folder.parent / "world" / f"{language}.json", world(countries, language))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
