"""The patterns by which facts are found in what a customer wrote, and when each is worth trying.

Every pattern is bounded, so that a text made to be slow isn't: any network brings a word of 10,000
letters. Most texts hold no fact and a brief reads a thousand of them, so a pattern is tried only
where there are enough digits for it and a cheap sign of it.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

import regex


class Kind(StrEnum):
    """What a fact is of."""

    ORDER = "order"
    DEVICE = "device"
    PLACE = "place"
    EMAIL = "email"
    PHONE = "phone"
    LINK = "link"
    HANDLE = "handle"


@dataclass(frozen=True, slots=True)
class Rule:
    """One pattern, its first group what was told.

    Tried on texts with so many digits, with something of that `shape`, and with one of the
    `stems` in any case.
    """

    kind: Kind
    digits: int
    shape: re.Pattern[str] | None
    stems: tuple[str, ...]
    pattern: regex.Pattern[str]


_NUMBER_OF = r"""
    order|ticket|case|invoice|booking|reservation|reference|confirmation|tracking|customer|account|
    serial|parcel|repair|ref|
    bestell(?:ung|nummer|nr)|auftrag(?:s?nummer|snr)?|rechnung(?:snummer|snr)?|kundennummer|
    vorgang(?:snummer)?|sendung(?:snummer)?|aktenzeichen|ticketnummer|
    commande|facture|dossier|référence|réservation|colis|suivi|
    pedido|factura|referencia|reserva|incidencia|encomenda|fatura|protocolo|referência|
    ordine|fattura|riferimento|prenotazione|spedizione|
    bestelling|bestelnummer|ordernummer|factuur|klantnummer|referentie|
    zam[oó]wieni[aeu]|faktur[ay]|zgłoszeni[ae]|przesyłk[ai]|
    sipariş|fatura|takip|заказ[а]?|сч[её]т[а]?|обращени[ея]|
    注文番号|ご注文番号|注文|受付番号|订单号?|訂單號?|单号|주문\s?번호|주문|
    طلب|الطلب|رقم\s+الطلب|فاتورة|הזמנה|מספר\s+הזמנה|ऑर्डर|order(?:nummer|number)|commandes?
"""
_BETWEEN = r"""
    (?:[\s:#№*.,=(（：/-]|numbers?|nummer|num|no|nr|n[°º]?|numéro|número|numero|numer|номер|
    id|code|is|was|ist|lautet|est|es|é|è|の|は|号|번호는?|رقم|هو|מספר|הוא|संख्या|नंबर|है){0,8}
"""
_CODE = (
    r"(?=[\p{Nd}A-Za-z/-]{0,20}?\p{Nd})([\p{Nd}A-Za-z](?:[/-]?[\p{Nd}A-Za-z]){2,23})"
    r"(?![\p{Nd}A-Za-z])"
)
_NO_MEASURE = (
    r"(?!\s?(?:[%€$£¥₹:]|usd|eur|gbp|euros?|dollars?|pounds|times|days|hours|minutes|people|mal|"
    r"tage|stunden|jours|heures|días|horas|zł|tl|руб|円|元)(?!\p{L}))"
)
_NUMBERS = (
    *("order", "ticket", "case", "invoice", "booking", "reserv", "ref", "confirm", "tracking"),
    *("customer", "account", "serial", "parcel", "repair", "bestel", "auftrag", "rechnung"),
    *("kundenn", "vorgang", "sendung", "aktenz", "commande", "facture", "dossier", "réf", "réserv"),
    *("colis", "suivi", "pedido", "factura", "incidencia", "encomenda", "fatura", "protocolo"),
    *("ordine", "fattura", "riferim", "prenot", "spediz", "factuur", "klantn", "zamów", "zamow"),
    *("faktur", "zgłosz", "przesył", "sipariş", "takip", "заказ", "сч", "обращ", "注文", "受付"),
    *("订单", "訂單", "单号", "주문", "طلب", "فاتورة", "הזמנה", "ऑर्डर"),
)
_LIVES = (
    *("live in", "i'm in", "i’m in", "am in", "based in", "wohne in", "habite", "vivo en"),
    *("moro em", "abito a", "woon in", "mieszkam w", "живу в"),
)
_CALL = (
    *("phone", "mobile", "cell", "call me", "tel", "tél", "handy", "portable", "móvil", "celular"),
    *("whatsapp", "电话", "手机", "電話", "전화", "هاتف", "телефон"),
)
_POSTCODES = (
    *("zip", "post", "pin", "plz", "cep", "cap", "индекс", "郵便番号", "邮编", "우편번호"),
    *("الرمز", "מיקוד", "पिन"),
)
_BRANDS = (
    *("iphone", "ipad", "macbook", "galaxy", "pixel", "fritz", "redmi", "xperia", "thinkpad"),
    *("ps4", "ps5", "xbox", "kindle", "echo dot"),
)
_THINGS = (
    *("router", "modem", "hub", "box", "model", "modèle", "device", "gerät", "appareil", "laptop"),
    *("printer", "drucker", "phone", "handy", "camera", "watch", "bike", "tv", "роутер", "модем"),
    "ルーター",
)

RULES = [
    Rule(
        Kind.LINK,
        0,
        re.compile(r"://"),
        (),
        regex.compile(r"(?<!\w)(https?://[^\s<>\"')\]]{4,300})"),
    ),
    Rule(
        Kind.EMAIL,
        0,
        re.compile(r"@"),
        (),
        regex.compile(r"(?<![\w.+@-])([\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,5}\p{L}{2,24})(?![\w@])"),
    ),
    Rule(
        Kind.HANDLE,
        0,
        re.compile(r"@.*@"),
        (),
        regex.compile(r"(?<![\w@.])(@[\w.-]{2,64}@(?:[\w-]{1,63}\.){1,5}\p{L}{2,24})"),
    ),
    Rule(
        Kind.HANDLE,
        0,
        re.compile(r"@"),
        (),
        regex.compile(
            r"(?<!\p{L})(?:i['’]?m(?:\salso)?|i\sam(?:\salso)?|also\sas|me\son\s\p{L}{2,12}|find\sme|aka|"
            r"bin\s(?:auch\s)?|je\ssuis(?:\saussi)?|soy(?:\stambién)?|sou(?:\stambém)?|sono(?:\sanche)?)"
            r"\s{0,2}(@[\w.-]{2,64})(?![\w@])",
            regex.I,
        ),
    ),
    Rule(
        Kind.ORDER,
        3,
        None,
        _NUMBERS,
        regex.compile(
            rf"(?<!\p{{L}})(?:{_NUMBER_OF}){_BETWEEN}{_CODE}{_NO_MEASURE}", regex.I | regex.X
        ),
    ),
    Rule(
        Kind.ORDER,
        4,
        re.compile(r"[#№]"),
        (),
        regex.compile(r"(?<![\w&/])[#№]\s?([A-Z]{0,4}-?\p{Nd}[\p{Nd}-]{3,20})(?!\w)"),
    ),
    Rule(
        Kind.PLACE,
        2,
        re.compile(r"[A-Z]\d"),
        (),
        regex.compile(r"(?<!\w)([A-Z]{1,2}\p{Nd}[A-Z\p{Nd}]?\s?\p{Nd}[ABD-HJLNP-UW-Z]{2})(?!\w)"),
    ),
    Rule(
        Kind.PLACE,
        1,
        re.compile(r", [A-Z]{1,2}\d"),
        (),
        regex.compile(r"(?<!\w)(\p{Lu}[\p{L}'-]{2,30},\s[A-Z]{1,2}\p{Nd}{1,2}[A-Z]?)(?!\w)"),
    ),
    Rule(
        Kind.PLACE,
        5,
        re.compile(r"\d{5}\s[^\W\d_a-z]"),
        (),
        regex.compile(
            r"(?:[,(:]|(?<!\p{L})(?:in|aus|nach|à|a|en|de|w|te))\s*"
            r"((?:[A-Z]{1,2}-)?\p{Nd}{5}\s\p{Lu}[\p{L}'-]{2,30})(?!\w)"
        ),
    ),
    Rule(
        Kind.PLACE,
        5,
        re.compile(r"\d{5}\s[^\W\d_a-z]"),
        (),
        regex.compile(r"^((?:[A-Z]{1,2}-)?\p{Nd}{5}\s\p{Lu}[\p{L}'-]{2,30})$", regex.M),
    ),
    Rule(
        Kind.PLACE,
        5,
        re.compile(r"[A-Z]\s\d{5}"),
        (),
        regex.compile(
            r"(?<!\w)((?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|"
            r"PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY])\s\p{Nd}{5}(?:-\p{Nd}{4})?)(?!\w)"
        ),
    ),
    Rule(
        Kind.PLACE,
        3,
        re.compile(r"\d[A-Z]"),
        (),
        regex.compile(r"(?<!\w)([ABCEGHJ-NPRSTVXY]\p{Nd}[A-Z]\s?\p{Nd}[A-Z]\p{Nd})(?!\w)"),
    ),
    Rule(
        Kind.PLACE,
        4,
        re.compile(r"\d{4}\s?[A-Z]"),
        (),
        regex.compile(r"(?<![\w-])(\p{Nd}{4}\s?[A-Z]{2}\s\p{Lu}\p{Ll}{2,30})(?!\w)"),
    ),
    Rule(
        Kind.PLACE,
        8,
        re.compile(r"\d{5}-\d"),
        (),
        regex.compile(r"(?<![\w-])(\p{Nd}{5}-\p{Nd}{3})(?![\w-])"),
    ),
    Rule(
        Kind.PLACE,
        5,
        re.compile(r"\d\d-\d{3}\s"),
        (),
        regex.compile(r"(?<![\w-])(\p{Nd}{2}-\p{Nd}{3}\s\p{Lu}\p{Ll}{2,30})(?!\w)"),
    ),
    Rule(Kind.PLACE, 7, re.compile(r"〒"), (), regex.compile(r"〒\s?(\p{Nd}{3}-?\p{Nd}{4})")),
    Rule(
        Kind.PLACE,
        3,
        None,
        _POSTCODES,
        regex.compile(
            r"(?<!\p{L})(?:zip(?:\s?code)?|post\s?code|postal\s?code|pin\s?code|plz|postleitzahl|"
            r"code\s?postal|código\s?postal|cep|cap|kod\s?pocztowy|posta\s?kodu|индекс|郵便番号|邮编|"
            r"우편번호|الرمز\s?البريدي|מיקוד|पिन\s?कोड)"
            r"(?:[\s:=]|is|ist|est|es|é|は|는){0,6}([A-Z\p{Nd}][A-Z\p{Nd}-]{2,8}(?:\s\p{Nd}[A-Z]{2})?)(?!\w)",
            regex.I,
        ),
    ),
    Rule(
        Kind.PLACE,
        0,
        None,
        _LIVES,
        regex.compile(
            r"(?<!\p{L})(?:[Ii]\slive\sin|[Ii](?:['’]m|\sam)\s(?:based\s)?in|[Ww]e\slive\sin|"
            r"[Ii]ch\swohne\sin|[Ww]ohne\sin|[Jj][’']habite\s(?:à|a)|[Vv]ivo\sen|[Mm]oro\sem|"
            r"[Aa]bito\sa|[Ii]k\swoon\sin|[Mm]ieszkam\sw|[Жж]иву\sв)"
            r"\s(\p{Lu}[\p{L}'’-]{1,30}(?:\s\p{Lu}[\p{L}'’-]{1,30}){0,2})"
        ),
    ),
    Rule(
        Kind.PHONE,
        8,
        re.compile(r"\+|00"),
        (),
        regex.compile(r"(?<![\w+/.-])((?:\+|00)\p{Nd}(?:[\s().-]{0,2}\p{Nd}){7,14})(?![\w-])"),
    ),
    Rule(
        Kind.PHONE,
        8,
        re.compile(r"0\d"),
        (),
        regex.compile(r"(?<![\w+/.-])(\(?0\p{Nd}{1,4}\)?(?:[\s/-]{0,2}\p{Nd}){6,10})(?![\w-])"),
    ),
    Rule(
        Kind.PHONE,
        10,
        re.compile(r"\d\d\d\)?[\s.-]\d\d\d"),
        (),
        regex.compile(
            r"(?<![\w+/.-])(\(?[2-9]\p{Nd}{2}\)?[\s.-]\p{Nd}{3}[\s.-]\p{Nd}{4})(?![\w-])"
        ),
    ),
    Rule(
        Kind.PHONE,
        7,
        None,
        _CALL,
        regex.compile(
            r"(?<!\p{L})(?:phone|mobile|cell|call me (?:on|at)|tel(?:efon\p{L}{0,6}|éfono)?|"
            r"handy(?:nummer)?|portable|téléphone|móvil|celular|whatsapp|cellulare|telefoon|电话|手机|電話|전화|هاتف|телефон)"
            r"[\s:.\w]{0,12}?[\s:.]((?:\p{Nd}[\s().-]{0,2}){6,14}\p{Nd})(?![\w-])",
            regex.I,
        ),
    ),
    Rule(
        Kind.DEVICE,
        0,
        None,
        _BRANDS,
        regex.compile(
            r"(?<!\w)(iPhone\s?(?:\p{Nd}{1,2}|SE|X[SR]?)(?:\s(?:Pro|Max|Plus|mini)){0,2}|"
            r"iPad(?:\s(?:Pro|Air|mini))?(?:\s\p{Nd}{1,2})?|MacBook(?:\s(?:Pro|Air))?|"
            r"(?:Samsung\s)?Galaxy\s[A-Z]?\p{Nd}{1,2}\+?(?:\s(?:Ultra|Plus|FE))?|Pixel\s\p{Nd}{1,2}a?(?:\sPro)?|"
            r"Fritz!?\s?Box\s?\p{Nd}{4}|Redmi\s(?:Note\s)?\p{Nd}{1,2}\p{L}?|Xperia\s[\p{L}\p{Nd}]{1,6}|"
            r"ThinkPad\s[A-Z]\p{Nd}{2,3}|PS[45]|Xbox\s(?:One|Series\s[XS])|Kindle|Echo\sDot)(?!\w)",
            regex.I,
        ),
    ),
    Rule(
        Kind.DEVICE,
        1,
        re.compile(r"[A-Za-z]-?\d"),
        _THINGS,
        regex.compile(
            r"(?<!\p{L})((?:router|modem|hub|box|model|modell|modèle|modelo|device|gerät|appareil|laptop|"
            r"printer|drucker|phone|handy|camera|watch|e-?bike|tv|роутер|модем|ルーター)\s"
            r"(?:model\s|is\s(?:a|an|the)\s)?(?=[A-Z\p{Nd}-]{0,9}\p{Nd})[A-Z]{1,5}-?\p{Nd}[\w-]{1,14})(?!\w)",
            regex.I,
        ),
    ),
]
"""In the order in which they take their words: what is an address is no order number."""
