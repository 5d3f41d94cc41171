"""The customers of the demo desk: invented people in eleven languages."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apps.square.models import Person

# First names, last names, and how many people.
LATIN = {
    "en": (
        (
            "Kim Omar Júlia Amelia Theo Grace Callum Ivy Rhys Maeve Jonah Priscilla Dev Ruby Ellis"
            " Fern Isla Marcus Tamsin Owen Naomi Hugo Freya Leo Bronwyn Caleb Esther Zack Orla"
        ),
        (
            "Lee Nasser Prado Hartley Okonjo Whitlock Byrne Sandhu Marsh Pemberton Adeyemi Fox"
            " Lockwood Quill Rahman Stoker Trent Ashby Vane Wilder Yates Carmody Dunn Fairley"
        ),
        92,
    ),
    "de": (
        "Jonas Miriam Heike Torben Lena Uwe Annika Falk Greta Sönke Birgit Malte Änne Rolf",
        "Brandt Köhler Vogt Schütte Lorenz Petersen Mayr Öztürk Wiegand Hübner Ziegler Kroll",
        24,
    ),
    "es": (
        "Marina Iker Rocío Álvaro Nerea Joaquín Paloma Íñigo Carmen Hugo",
        "Ferrer Otero Salas Quintana Lozano Bermejo Vidal Ibáñez Robledo",
        14,
    ),
    "pt-BR": (
        "Thiago Larissa Caio Beatriz Rafaela João Vitória Murilo Isadora",
        "Moreira Tavares Pacheco Brandão Queiroz Fontes Aragão Siqueira",
        12,
    ),
    "fr": (
        "Camille Bastien Maëlle Rémi Élodie Yanis Clémence Gaspard Inès",
        "Lefort Garnier Perrin Chauvet Delmas Rousselin Ménard Tissier",
        13,
    ),
    "pl": (
        "Magda Tomek Zuzanna Łukasz Wiktoria Bartek Agnieszka Rafał",
        "Sobczyk Lis Gajda Zawada Kępa Michalik Wrona",
        8,
    ),
    "tr": (
        "Elif Kerem Defne Umut Şule Barış Gökçe",
        "Aydın Şimşek Korkmaz Tuncel Özer Yalçın",
        7,
    ),
}

# Name and handle, where the name is written in another script.
OTHERS = {
    "ar": "تالا حداد=tala_h, سامر الخطيب=samer_k, ليان منصور=layan_m, يزن عواد=yazan_a,"
    " رنا الشامي=rana_sh, كريم بدران=karim_b, هدى فارس=huda_f, نور الدين صالح=nouraldin",
    "he": "נועם ברק=noam_barak, שירה אלון=shira_al, איתי גל=itaygal, מאיה רוזן=maya_rz,"
    " יעל שגיא=yaelsagi, עומר דגן=omerd",
    "ja": "佐倉 美咲=misaki_s, 高木 亮=ryo_takagi, 小林 ゆい=yui_k, 藤井 健太=kentafuji,"
    " 中原 さくら=sakura_n, 石田 陽介=yosuke_i, はるか=haruka_haru",
    "hi": "रोहन मेहरा=rohan_m, अनन्या जोशी=ananya_j, विकास शुक्ला=vikas_sh, मीरा सेठी=meera_s,"
    " आदित्य राव=adityarao, नेहा कपूर=neha_kp",
}

# Those whom a page must not break under.
PECULIAR = (
    (
        "Maximiliana Theodora von und zu Hohenfels-Wittelsbrunn Sr.",
        "maximiliana_th_von_und_zu_h",
        "en",
    ),
    ("👩🏽‍💻 Zoë 🏳️‍🌈", "zoe_codes", "en"),
    ("jo.", "jo", "en"),
    ("THE ANGRY PLUMBER", "angry_plumber", "en"),
    ("Kim 🚲🚲🚲", "kim_on_two_wheels", "en"),
    ("Łucja & Şerife · عمر", "three_of_us", "en"),
    ("مريم (Maryam) Q.", "maryam_q", "ar"),
    ("o0O0o", "o0O0o_0o", "en"),
)
SPELLINGS = {"ö": "oe", "ü": "ue", "ä": "ae", "ł": "l", "ı": "i"}
HEAVIEST = 5.0
MANNERS = ("plain", "plain", "plain", "plain", "lower", "lower", "emoji", "terse")
EMOJI = ("😩", "🙏", "😅", "🙃", "👀", "🤷‍♀️", "🤷🏾‍♂️", "😤", "🤦‍♂️", "✌️", "💔", "🐌")


@dataclass(slots=True, eq=False)
class Customer:
    """Somebody who writes; `weight` says how often, `manner` how."""

    name: str
    handle: str
    language: str
    weight: float
    manner: str
    person: "Person" = field(init=False, repr=False)

    @property
    def first(self) -> str:
        """What a colleague calls them: the first word with a letter, properly written."""
        words = re.findall(r"[^\W\d_][\w'’-]*", self.name)
        word = words[0] if words else self.name
        return word if word[1:] and not word.islower() and not word.isupper() else word.capitalize()

    def styled(self, text: str, chance: Random) -> str:
        """Their way of typing, in languages where letter case carries no grammar."""
        if self.language == "en" and self.manner in {"lower", "terse"}:
            text = re.sub(r"(?<![\w@])[A-Z](?=[a-z']*\b)", lambda m: m[0].lower(), text)
            text = text.replace("’", "'")
        if self.manner == "terse":
            text = text.removesuffix(".")
        if self.manner == "emoji" and chance.random() < 0.5:
            text = f"{text} {chance.choice(EMOJI)}"
        return text


def gather(chance: Random) -> list[Customer]:
    """Return everybody, in an order of no meaning; a few of them write again and again."""
    people = [*_latin(chance), *_others(), *PECULIAR]
    chance.shuffle(people)
    taken: set[str] = set()
    return [
        Customer(
            name=name,
            handle=_free(handle, taken),
            language=language,
            weight=min(HEAVIEST, chance.paretovariate(1.6)),
            manner=chance.choice(MANNERS),
        )
        for name, handle, language in people
    ]


def _latin(chance: Random) -> Iterator[tuple[str, str, str]]:
    for language, (firsts, lasts, count) in LATIN.items():
        pairs = [(first, last) for first in firsts.split() for last in lasts.split()]
        for first, last in chance.sample(pairs, count):
            yield _shown(first, last, chance), _handle(first, last, chance), language


def _others() -> Iterator[tuple[str, str, str]]:
    for language, people in OTHERS.items():
        for person in people.split(", "):
            name, handle = person.strip().split("=")
            yield name, handle, language


def _shown(first: str, last: str, chance: Random) -> str:
    return chance.choice([f"{first} {last}"] * 6 + [f"{first} {last[0]}.", first, first.lower()])


def _handle(first: str, last: str, chance: Random) -> str:
    first, last = _plain(first), _plain(last)
    return chance.choice(
        [
            f"{first}_{last}",
            f"{first}{last}",
            f"{first}.{last}".replace(".", "_"),
            f"{last}{first[0]}{chance.randint(2, 99)}",
            f"{first}{chance.randint(70, 99)}",
            f"the_{first}_{last[0]}",
            f"{first}_on_{chance.choice(('wheels', 'wire', 'tea', 'mute'))}",
        ]
    )


def _plain(name: str) -> str:
    spelled = "".join(SPELLINGS.get(letter, letter) for letter in name.lower())
    return unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()


def _free(handle: str, taken: set[str]) -> str:
    """Return the handle, with a number if somebody has it already in any case."""
    number = 1
    free = handle
    while free.lower() in taken:
        number += 1
        free = f"{handle}{number}"
    taken.add(free.lower())
    return free
