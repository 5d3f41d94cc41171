"""What synthetic customers say: all invented, in several languages and moods.

Slots: `{brand}` a brand's handle, `{order}` an order number, `{days}` a small number, `{time}` a
time of day.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """One language: who speaks it, and what they say first and after an answer."""

    tag: str
    people: tuple[tuple[str, str], ...]
    openings: tuple[str, ...]
    troubles: tuple[str, ...]
    endings: tuple[str, ...]
    thanks: tuple[str, ...]
    doubts: tuple[str, ...]


ENGLISH = Language(
    tag="en",
    people=(
        ("nora_pike", "Nora Pike"),
        ("dev_anand_r", "Dev R."),
        ("tomasz_in_leeds", "Tomasz"),
        ("grace_okoro", "Grace Okoro"),
        ("the_real_bo", "Bo Lindqvist"),
        ("mrs_whitlock", "Mrs Whitlock"),
        ("jaykay_07", "JK"),
        ("saoirse_m", "Saoirse M"),
    ),
    openings=(
        "@{brand}",
        "Hey @{brand},",
        "@{brand} hello?",
        "Dear @{brand} team,",
        "So, @{brand} —",
        "@{brand} 😤",
        "Morning @{brand} ☀️",
    ),
    troubles=(
        "my router drops every evening around {time}, restarting helps for an hour",
        "order {order} has been “out for delivery” for {days} days now",
        "I was charged twice for {order} and nobody picks up the phone",
        "the app logs me out each time I open the bill",
        "the parcel came, but the box was open and half of it is missing",
        "is there an outage in the north? nothing works since {time}",
        "the blue one arrived. I ordered the green one. {order}",
        "the voucher from your newsletter says “expired” {days} days early",
        "how do I move my contract to a new flat?",
        "the technician was booked for {time} and simply did not come",
    ),
    endings=(
        "",
        "",
        "can somebody have a look?",
        "third time this month 😩",
        "this is getting silly.",
        "no rush, just asking 🙂",
        "what do I tell my kids 📵",
        "please don’t send me to the FAQ again.",
        "I have been with you for {days} years!!",
    ),
    thanks=(
        "that was quick, thank you! 🙏",
        "works again, you’re a star ⭐",
        "Great, thanks for looking into it.",
        "ok, I’ll wait for the mail then. thanks",
        "Thank you! First time anybody explained it.",
    ),
    doubts=(
        "sadly still the same after a restart",
        "I already did that yesterday, twice…",
        "And who pays for the {days} days without it?",
        "which number do you mean, {order}?",
        "Hm. Your colleague told me the opposite.",
    ),
)

GERMAN = Language(
    tag="de",
    people=(
        ("jutta_aus_kiel", "Jutta Brandt"),
        ("emre_k", "Emre K."),
        ("fam_schroeter", "Familie Schröter"),
        ("nele_liest", "Nele"),
    ),
    openings=("@{brand}", "Hallo @{brand},", "Guten Tag @{brand},", "@{brand} mal ehrlich:"),
    troubles=(
        "seit {days} Tagen kein Internet, und in der Warteschleife läuft dieselbe Musik",
        "meine Bestellung {order} steht seit Montag auf „wird vorbereitet“",
        "die Rechnung enthält eine Gebühr, die ich nicht kenne",
        "der Termin um {time} Uhr ist wieder geplatzt",
        "wie ändere ich meine Lieferadresse?",
        "die App zeigt nach dem Update nur noch eine weiße Seite",
    ),
    endings=(
        "",
        "Bitte um Rückmeldung.",
        "Langsam reicht es 😠",
        "Danke schon mal! 🌻",
        "Was nun?",
    ),
    thanks=("Super, hat geklappt, danke! 😊", "Vielen Dank, das ging ja schnell.", "Top 👍"),
    doubts=("Leider immer noch dasselbe.", "Das habe ich schon {days} Mal versucht.", "Und wann?"),
)

FRENCH = Language(
    tag="fr",
    people=(("maelle_b", "Maëlle B."), ("yannick_d", "Yannick"), ("awa_n", "Awa Ndiaye")),
    openings=("@{brand}", "Bonjour @{brand},", "Dites @{brand},"),
    troubles=(
        "toujours pas de colis {order}, annoncé pour {time} h",
        "ma facture a doublé sans explication",
        "impossible de me connecter depuis la mise à jour",
        "plus de réseau depuis {days} jours dans tout le quartier",
    ),
    endings=("", "Merci d’avance 🙏", "C’est la troisième fois !", "Je fais quoi ?"),
    thanks=("Parfait, merci beaucoup !", "Ça remarche, merci 😊"),
    doubts=("Toujours rien…", "On m’a déjà dit ça il y a {days} jours."),
)

SPANISH = Language(
    tag="es",
    people=(("lucia_ramos_v", "Lucía Ramos"), ("chema_t", "Chema"), ("paty_solis", "Paty Solís")),
    openings=("@{brand}", "Hola @{brand},", "Oigan @{brand},"),
    troubles=(
        "el pedido {order} no ha llegado y ya van {days} días",
        "me cobraron dos veces este mes",
        "la aplicación se cierra al abrir la factura",
        "¿cómo cambio la dirección de entrega?",
    ),
    endings=("", "¡Ayuda! 😭", "Gracias 💛", "Así no se puede."),
    thanks=("¡Mil gracias, ya funciona!", "Perfecto, muy amable 🙌"),
    doubts=("Sigue igual…", "¿Y cuándo exactamente?"),
)

PORTUGUESE = Language(
    tag="pt",
    people=(("bia_farias", "Bia Farias"), ("seu_jorge_p", "Jorge P."), ("inesduarte", "Inês")),
    openings=("@{brand}", "Oi @{brand},", "Boa tarde @{brand},"),
    troubles=(
        "a internet cai toda noite às {time}",
        "a encomenda {order} voltou para o remetente sem aviso",
        "a fatura veio com um valor errado outra vez",
    ),
    endings=("", "podem ver isso? 🙏", "já é a {days}ª vez 😡"),
    thanks=("Obrigada, resolvido! 💚", "Valeu, muito rápido!"),
    doubts=("Ainda não funciona.", "Já fiz isso ontem…"),
)

DUTCH = Language(
    tag="nl",
    people=(("sanne_v_dijk", "Sanne van Dijk"), ("koen_r", "Koen")),
    openings=("@{brand}", "Hoi @{brand},"),
    troubles=(
        "pakket {order} ligt al {days} dagen stil",
        "de app vraagt steeds om een nieuwe code",
    ),
    endings=("", "Kunnen jullie kijken?", "Alvast bedankt! 🌷"),
    thanks=("Top, dank je wel!",),
    doubts=("Helaas, nog steeds niet.",),
)

POLISH = Language(
    tag="pl",
    people=(("kasia_wro", "Kasia"), ("pan_marek", "Marek Wilk")),
    openings=("@{brand}", "Dzień dobry @{brand},"),
    troubles=("zamówienie {order} zaginęło?", "od {days} dni nie działa internet na osiedlu"),
    endings=("", "Proszę o pomoc.", "Ile można czekać 😤"),
    thanks=("Dziękuję, już działa! 🙂",),
    doubts=("Niestety bez zmian.",),
)

ARABIC = Language(
    tag="ar",
    people=(("rami_saleh", "رامي صالح"), ("huda_kareem", "هدى كريم"), ("abu_yazan", "أبو يزن")),
    openings=("@{brand}", "مرحبا @{brand}،"),
    troubles=(
        "الإنترنت مقطوع منذ {days} أيام في الحي كله",
        "طلبي رقم {order} لم يصل حتى الآن",
        "تم الخصم مرتين من بطاقتي هذا الشهر",
    ),
    endings=("", "متى يعود؟ 😔", "أرجو الرد بسرعة", "شكرا مقدما 🌹"),
    thanks=("شكرا جزيلا، عاد كل شيء للعمل 🙏", "رد سريع، بارك الله فيكم"),
    doubts=("للأسف ما زالت المشكلة", "جربت هذا أمس ولم ينفع"),
)

HEBREW = Language(
    tag="he",
    people=(("noam_bar", "נעם בר"), ("shira_k", "שירה")),
    openings=("@{brand}", "שלום @{brand},"),
    troubles=("ההזמנה {order} תקועה כבר {days} ימים", "האפליקציה נסגרת כל פעם שאני פותחת חשבונית"),
    endings=("", "אפשר עזרה? 🙏", "זה לא רציני."),
    thanks=("תודה רבה, עובד!",),
    doubts=("עדיין אותו דבר…",),
)

JAPANESE = Language(
    tag="ja",
    people=(("mizuki_1", "みずき"), ("k_tanabe", "田辺"), ("harunosuke", "はるのすけ")),
    openings=("@{brand}", "@{brand} すみません、"),
    troubles=(
        "注文{order}がまだ届きません",
        "{time}時ごろから電話もネットもつながりません",
        "アップデートの後、アプリが開かなくなりました😢",
    ),
    endings=("", "よろしくお願いします。", "もう{days}回目です…"),
    thanks=("直りました！ありがとうございます🙇", "早い対応、感謝します。"),
    doubts=("まだ同じです。", "昨日もそう言われました。"),
)

TURKISH = Language(
    tag="tr",
    people=(("elif_yldz", "Elif"), ("can_berk", "Can Berk")),
    openings=("@{brand}", "Merhaba @{brand},"),
    troubles=("{order} numaralı siparişim {days} gündür yolda", "faturam neden iki katına çıktı"),
    endings=("", "Yardım eder misiniz? 🙏", "Artık yeter!"),
    thanks=("Teşekkürler, düzeldi 👏",),
    doubts=("Hâlâ aynı.",),
)

HINDI = Language(
    tag="hi",
    people=(("meera_j", "मीरा जोशी"), ("rohit_v", "रोहित")),
    openings=("@{brand}", "नमस्ते @{brand},"),
    troubles=("मेरा ऑर्डर {order} {days} दिन से नहीं आया", "बिल में दो बार पैसे कटे हैं"),
    endings=("", "कृपया देखिए 🙏", "कब तक?"),
    thanks=("धन्यवाद, अब चल रहा है 😊",),
    doubts=("अभी भी वही समस्या है।",),
)

# How often each language is heard.
WEIGHTS = {
    ENGLISH: 10,
    GERMAN: 4,
    FRENCH: 2,
    SPANISH: 3,
    PORTUGUESE: 2,
    DUTCH: 1,
    POLISH: 1,
    ARABIC: 2,
    HEBREW: 1,
    JAPANESE: 2,
    TURKISH: 1,
    HINDI: 1,
}
