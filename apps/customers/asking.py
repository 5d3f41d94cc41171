"""What a draft asks the customer for, in plain words of many languages."""

import regex

from apps.customers.patterns import Kind

_ASKED: dict[Kind, str] = {
    Kind.ORDER: r"(?:order|booking|reservation|reference|tracking|ticket|case|invoice|customer|"
    r"account|"
    r"serial)[\s-]?(?:number|no|id|ref(?:erence)?|\#)|which order|"
    r"(?:bestell|auftrags?|rechnungs|kunden|vorgangs|sendungs|ticket|serien)[\s-]?nummer|"
    r"num[ée]ro (?:de |d['’])(?:commande|dossier|facture|client|suivi|s[ée]rie)|"
    r"n[úu]mero (?:de|do|da) (?:tu |su |seu |teu )?(?:pedido|factura|cliente|referencia|"
    r"encomenda|fatura|s[ée]rie)|"
    r"numero (?:d['’]|di |dell['’])(?:ordine|fattura|cliente)|(?:bestel|order|klant|factuur)nummer|"
    r"numer (?:zam[óo]wienia|klienta|faktury)|sipariş (?:numara|no)|номер (?:заказа|сч[её]та)|"
    r"注文番号|订单号|訂單號|주문\s?번호|رقم الطلب|מספר (?:ה)?הזמנה|ऑर्डर (?:नंबर|संख्या)",
    Kind.DEVICE: r"(?:which|what)(?: \w+)? (?:device|model|phone|router|modem|version)|"
    r"model (?:number|name)|"
    r"welche[snrm]? (?:gerät|modell|router|handy)|quel (?:appareil|mod[èe]le)|"
    r"qu[ée] (?:dispositivo|modelo)|qual (?:aparelho|modelo|dispositivo)|quale (?:dispositivo|"
    r"modello)|"
    r"welk (?:apparaat|model|toestel)|jaki (?:model|urządzenie)|どの機種|哪个型号|机型",
    Kind.PLACE: r"post\s?code|postal code|zip(?: code)?|your (?:full )?address|"
    r"where (?:do you live|are you based)|"
    r"postleitzahl|plz|(?:deine|ihre) (?:adresse|anschrift)|wo wohn|code postal|votre adresse|"
    r"ton adresse|"
    r"c[óo]digo postal|(?:tu|su) direcci[óo]n|cep|(?:seu|teu) endere[çc]o|codice postale|"
    r"(?:il tuo|suo) indirizzo|"
    r"postcode|(?:je|uw) adres|kod pocztowy|"
    r"郵便番号|ご住所|邮编|地址|우편번호|주소|الرمز البريدي|عنوانك|מיקוד",
    Kind.EMAIL: r"e-?mail|mailadresse|adresse mail|courriel|correo|メールアドレス|邮箱|이메일|"
    r"البريد الإلكتروني|אימייל|"
    r"почт[ау]",
    Kind.PHONE: r"(?:phone|mobile|cell|contact) number|number (?:we can|to) (?:call|reach)|"
    r"(?:telefon|handy|mobil|rufnummer)[\s-]?(?:nummer)?|num[ée]ro de (?:t[ée]l[ée]phone|portable)|"
    r"n[úu]mero de (?:tel[ée]fono|m[óo]vil|telefone|celular)|numero di (?:telefono|cellulare)|"
    r"telefoonnummer|numer telefonu|telefon numara|номер телефона|"
    r"電話番号|电话号码|전화번호|رقم (?:الهاتف|"
    r"هاتفك)|"
    r"מספר (?:ה)?טלפון",
}
_PATTERNS = {
    kind: regex.compile(rf"(?<!\p{{L}})(?:{words})", regex.I) for kind, words in _ASKED.items()
}
_REQUEST = regex.compile(
    r"[?？؟]|教えて|お願い|请|알려|"
    r"(?<!\p{L})(?:please|pls|kindly|could you|can you|tell|send|share|dm|"
    r"let (?:us|"
    r"me) know|provide|"
    r"confirm|need|bitte|schick|nenn|teil\w* .{0,20}mit|brauch|merci de|pouvez|peux|envoy|"
    r"indiqu|donn|besoin|"
    r"por favor|env[íi]a|manda|dime|d[íi]ganos|necesit|precis|informe|poderia|passe|per favore|"
    r"puoi|può|"
    r"invia|mandaci|alstublieft|graag|stuur|proszę|podaj|prześlij|lütfen|gönder|пожалуйста|"
    r"пришлите|"
    r"من فضلك|أرسل|בבקשה|שלחו|कृपया)",
    regex.I,
)
_SENTENCE = regex.compile(r"[^.!?？؟。！\n]{1,400}[.!?？؟。！]?")
LONGEST = 4000


def asked_for(draft: str) -> set[Kind]:
    """Return what the draft asks for: a thing named in a question or a request."""
    asked: set[Kind] = set()
    for sentence in _SENTENCE.findall(draft[:LONGEST]):
        if _REQUEST.search(sentence):
            asked |= {kind for kind, pattern in _PATTERNS.items() if pattern.search(sentence)}
    return asked
