"""What a customer asked of us that whoever writes to them must know."""

import regex

_LEAVE_ME = regex.compile(
    r"""(?<!\p{L})(?:
    stop\s(?:contacting|messaging|writing|emailing|texting|calling|spamming|dming)(?:\s(?:to\s)?me)?|
    (?:don['’]?t|do\snot|never)\s(?:contact|message|write(?:\sto)?|e-?mail|text|dm|call)\sme|
    leave\sme\salone|unsubscribe\sme|
    schreib(?:t|en\ssie)?\smir\snicht(?:\smehr)?|(?:keine|nie\swieder)\snachrichten?\smehr|
    h(?:ö|oe)r(?:t|en\ssie)?\sauf\s?,?\smir\szu\sschreiben|lass(?:t|en\ssie)?\smich\sin\sruhe|
    kontaktier(?:t|en\ssie)?\smich\snicht|
    ne\sm['’](?:é|e)crivez\splus|ne\sme\scontactez\splus|arr(?:ê|e)tez\sde\sm['’](?:é|e)crire|
    arr(?:ê|e)tez\sde\sme\scontacter|laissez[\s-]moi\stranquille|
    no\sme\s(?:escrib(?:a|an|as)|contacte[ns]?)(?:\sm(?:á|a)s)?|dejen?\sde\sescribirme|
    d(?:é|e)jenme\sen\spaz|
    n(?:ã|a)o\sme\s(?:escrevam?|contatem?|contactem)|parem?\sde\sme\s(?:escrever|mandar)|
    non\s(?:scrivetemi|contattatemi)(?:\spi(?:ù|u))?|lasciatemi\sin\space|
    stop\smet\s(?:mij|me)\ste\s(?:mailen|schrijven)|laat\s(?:mij|me)\smet\srust|
    (?:prosz(?:ę|e)\s)?(?:do\smnie\snie\spisa(?:ć|c)|nie\spiszcie\sdo\smnie)|
    bana\s(?:bir\sdaha\s)?yazmay(?:ı|i)n|не\sпишите\sмне|
    もう連絡しないで|連絡しないで|别再联系我|不要再联系我|لا\sتراسلوني|אל\sתכתבו\sלי
    )""",
    regex.I | regex.X,
)
_SIGNS = tuple(
    word.casefold()
    for word in (
        *("stop", "don", "do not", "never", "leave me", "unsubscribe", "schreib", "nachricht"),
        *(
            "hör",
            "hoer",
            "lass",
            "kontaktier",
            "ne m",
            "arr",
            "laiss",
            "no me",
            "dej",
            "déj",
            "me ",
        ),
        *("non ", "laat", "pisa", "pisz", "yazma", "пишите", "連絡", "联系", "تراسلوني", "תכתבו"),
    )
)


def asks_not_to_be_written_to(text: str) -> bool:
    """Whether the customer asks, in plain words of one of many languages, to be left alone."""
    plain = text.casefold()
    return any(map(plain.__contains__, _SIGNS)) and _LEAVE_ME.search(text) is not None
