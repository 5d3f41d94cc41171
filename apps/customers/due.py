"""When something is due, as people say it: "by Friday", "bis morgen", "before 20:15".

Plain patterns only, and only a guess: a person confirms the instant. A day without a time is due
when that day ends for people at work.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

import regex

END_OF_DAY = time(18)
TIMES_OF_DAY = {
    time(10): "early",
    time(12): "noon|mittag|midi|mediodía|meio-dia|mezzogiorno",
    time(20): "tonight|this evening|heute abend|ce soir|esta noche|hoje à noite|stasera|vanavond",
}
WEEKDAYS = (
    "monday|montag|lundi|lunes|segunda(?:-feira)?|lunedì|maandag|poniedziałku|poniedziałek",
    "tuesday|dienstag|mardi|martes|terça(?:-feira)?|martedì|dinsdag|wtorku|wtorek",
    "wednesday|mittwoch|mercredi|miércoles|quarta(?:-feira)?|mercoledì|woensdag|środy|środa",
    "thursday|donnerstag|jeudi|jueves|quinta(?:-feira)?|giovedì|donderdag|czwartku|czwartek",
    "friday|freitag|vendredi|viernes|sexta(?:-feira)?|venerdì|vrijdag|piątku|piątek",
    "saturday|samstag|sonnabend|samedi|sábado|sabato|zaterdag|soboty|sobota",
    "sunday|sonntag|dimanche|domingo|domenica|zondag|niedzieli|niedziela",
)
MONTHS = (
    "jan(?:uary|uar|vier|eiro)?|enero|gennaio|januari|stycznia",
    "feb(?:ruary|ruar|rero|braio|ruari)?|février|fevereiro|lutego",
    "mar(?:ch|s|zo|ço)?|märz|maart|marca",
    "apr(?:il|ile)?|avril|abril|kwietnia",
    "may|mai|mayo|maio|maggio|mei|maja",
    "june?|juni|juin|junio|junho|giugno|czerwca",
    "july?|juli|juillet|julio|julho|luglio|lipca",
    "aug(?:ust)?|août|agosto|augustus|sierpnia",
    "sep(?:t(?:ember|embre|iembre)?)?|setembro|settembre|września",
    "o[ck]t(?:ober|obre|ubre)?|outubro|ottobre|października",
    "nov(?:ember|embre|iembre|embro)?|listopada",
    "de[cz](?:ember|embre|iembre|embro)?|dicembre|grudnia",
)
_DAYS = {
    0: "today|heute|aujourd['’]hui|hoy|hoje|oggi|vandaag|dzisiaj|dziś|"
    "by (?:the )?end of (?:the )?day|eod|" + TIMES_OF_DAY[time(20)],
    1: "tomorrow|morgen|demain|mañana|amanhã|domani|jutra|jutro",
    2: "day after tomorrow|übermorgen|après-demain|pasado mañana|depois de amanhã|dopodomani|"
    "overmorgen|pojutrze",
    7: "next week|nächste woche|la semaine prochaine|la próxima semana|na próxima semana|"
    "la prossima settimana|"
    "volgende week",
}
_UNITS = {
    timedelta(minutes=1): "min(?:ute)?s?|minuten|minutos|minuti|minut",
    timedelta(hours=1): "hours?|hrs?|std|stunden?|heures?|horas?|ore|ora|uur|godzin[yę]?",
    timedelta(days=1): "days?|tag(?:en?)?|jours?|días?|dias?|giorni|giorno|dagen|dag|dni|dzień",
    timedelta(weeks=1): "weeks?|wochen?|semaines?|semanas?|settimane?|weken|tygodni[ea]?",
}
_NUMBERS = {
    1: "a|an|one|ein|eine|einer|einem|un|une|una|um|uma|een",
    2: "two|zwei|deux|dos|dois|duas|due|twee|dwa|dwie|dwóch",
    3: "three|drei|trois|tres|três|tre|drie|trzy|trzech",
    4: "four|vier|quatre|cuatro|quatro|quattro|cztery",
    5: "five|fünf|cinq|cinco|cinque|vijf|pięć",
    6: "six|sechs|seis|sei|zes|sześć",
    7: "seven|sieben|sept|siete|sete|sette|zeven|siedem",
    8: "eight|acht|huit|ocho|oito|otto|osiem",
}
_NUMBER = "|".join(_NUMBERS.values())
_IN = r"(?:within|in|innerhalb von|binnen|dans|sous|en|em|dentro de|entro|tra|w ciągu|za|binnen)"


@dataclass(frozen=True, slots=True)
class Guess:
    """What was said of a time, as it stands in the text, and the instant it most likely means."""

    words: str
    due_at: datetime


def guess_due(text: str, *, said_at: datetime, zone: tzinfo) -> Guess | None:
    """Guess when what a text promises is due; None where it says no time in plain words.

    The first day or span named counts, with the time of day beside it where there is one.
    """
    here = said_at.astimezone(zone)
    for reader in (_span, _named_day, _weekday, _written_date, _clock):
        if (found := reader(text[:2000], here)) and found.due_at > said_at:
            return found
    return None


def _span(text: str, here: datetime) -> Guess | None:
    for unit, words in _UNITS.items():
        if match := _search(
            rf"{_IN}\s(?:the\snext\s)?(\d{{1,3}}|(?:{_NUMBER})(?!\p{{L}}))\s?(?:{words})", text
        ):
            return Guess(match[0], here + unit * _number(match[1]))
    return None


def _number(said: str) -> int:
    if said.isdecimal():
        return int(said)
    word = said.casefold()
    return next(n for n, words in _NUMBERS.items() if word in words.split("|"))


def _named_day(text: str, here: datetime) -> Guess | None:
    for days in sorted(_DAYS, reverse=True):
        if match := _search(_DAYS[days], text):
            return _on(here.date() + timedelta(days=days), match, text, here)
    return None


def _weekday(text: str, here: datetime) -> Guess | None:
    for weekday, words in enumerate(WEEKDAYS):
        if match := _search(words, text):
            ahead = (weekday - here.weekday()) % 7 or 7
            return _on(here.date() + timedelta(days=ahead), match, text, here)
    return None


def _written_date(text: str, here: datetime) -> Guess | None:
    if match := _search(r"(\d{4})-(\d{2})-(\d{2})", text):
        return _dated(int(match[1]), int(match[2]), int(match[3]), match, text, here)
    if match := _search(r"(\d{1,2})\.\s?(\d{1,2})\.(?:(\d{4}))?", text):
        return _dated(int(match[3] or 0), int(match[2]), int(match[1]), match, text, here)
    for month, words in enumerate(MONTHS, 1):
        if match := _search(rf"(\d{{1,2}})(?:st|nd|rd|th|\.)?\s(?:of\s|de\s)?(?:{words})", text):
            return _dated(0, month, int(match[1]), match, text, here)
        if match := _search(rf"(?:{words})\s(\d{{1,2}})(?:st|nd|rd|th)?", text):
            return _dated(0, month, int(match[1]), match, text, here)
    return None


def _clock(text: str, here: datetime) -> Guess | None:
    """A time of day alone is today's, or tomorrow's where that has passed."""
    found = _time_of_day(text)
    if found is None:
        return None
    words, at = found
    due = datetime.combine(here.date(), at, here.tzinfo)
    return Guess(words, due if due > here else due + timedelta(days=1))


def _dated(
    year: int, month: int, day: int, match: "regex.Match[str]", text: str, here: datetime
) -> Guess | None:
    """Without a year it is the next such day."""
    try:
        named = date(year or here.year, month, day)
        if not year and named < here.date():
            named = named.replace(year=here.year + 1)
    except ValueError:
        return None
    return _on(named, match, text, here)


def _on(day: date, match: "regex.Match[str]", text: str, here: datetime) -> Guess:
    before, after = text[: match.start()][-20:], text[match.end() :][:20]
    timed = _time_of_day(after) or _time_of_day(before) or _hour_beside(after)
    at = timed[1] if timed else _part_of_day(match[0])
    due = datetime.combine(day, at, here.tzinfo)
    if due <= here and day == here.date():
        due = datetime.combine(day, time(23, 59), here.tzinfo)
    return Guess(match[0], due)


def _part_of_day(words: str) -> time:
    for at, parts in TIMES_OF_DAY.items():
        if _search(parts, words):
            return at
    return END_OF_DAY


def _time_of_day(text: str) -> tuple[str, time] | None:
    if match := _search(r"([01]?\d|2[0-3])[:h.]([0-5]\d)(?!\.?\d)\s?(am|pm)?", text):
        return match[0], _at(int(match[1]), int(match[2]), match[3])
    if match := _search(r"(1[0-2]|[1-9])\s?(am|pm)", text):
        return match[0], _at(int(match[1]), 0, match[2])
    if match := _search(r"([01]?\d|2[0-3])\s?(?:uhr|h|heures|horas)", text):
        return match[0], _at(int(match[1]), 0, None)
    return None


def _hour_beside(after: str) -> tuple[str, time] | None:
    """An hour alone is one at which people work: "Friday at 3" is in the afternoon."""
    if match := _search(r"(?:at|um|à|a las?|às|alle|om|o)\s([01]?\d|2[0-3])(?!\d|[:.,]\d)", after):
        hour = int(match[1])
        return match[0], time(hour + 12 if 1 <= hour <= 7 else hour)
    return None


def _at(hour: int, minute: int, half: str | None) -> time:
    if half:
        hour = hour % 12 + (12 if half.casefold() == "pm" else 0)
    return time(hour, minute)


def _search(pattern: str, text: str) -> "regex.Match[str] | None":
    return regex.search(rf"(?<![\p{{L}}\p{{Nd}}])(?:{pattern})(?![\p{{L}}\p{{Nd}}])", text, regex.I)
