"""Whether a text is a fact to insert, or a whole reply that nobody should send twice: pure."""

import regex

from apps.conversations.sameness.canonical import begins_with_greeting

LONGEST = 280
MOST_SENTENCES = 6

_SIGNATURE = regex.compile(r"\^\s?\p{Lu}\w{0,15}\s*$")
_SENTENCE = regex.compile(r"[.!?…。！？]+(?:\s|$)")
_PHRASES = regex.compile(
    r"\b(?:(?:we|i)(?:['’]re| are|['’]m| am)?\s(?:so\s|very\s|really\s)?sorry|sorry to hear"
    r"|(?:we|i) apologi[sz]e|(?:our|my) apologies"
    r"|thank(?:s| you)\s(?:so much\s)?for\s(?:reaching|contacting|getting in touch|your)"
    r"|(?:best|kind|warm) regards|yours (?:sincerely|faithfully)"
    r"|have a (?:nice|great|lovely) (?:day|one|week)"
    r"|tut (?:uns|mir) leid|mit freundlichen grüßen|désolé|cordialement|lo sentimos|un saludo)\b",
    regex.IGNORECASE,
)


def why_no_fact(text: str) -> str:
    """Say in a sentence why a text is no snippet; empty where it is one."""
    if not text.strip():
        return "The snippet is empty. Write the fact it inserts."
    if len(text) > LONGEST:
        return (
            f"It has {len(text):,} characters and a snippet up to {LONGEST}: keep the fact alone,"
            " such as the address, the link or the steps."
        )
    if begins_with_greeting(text):
        return "It begins with a greeting. Leave that to whoever answers: they know to whom."
    if _SIGNATURE.search(text):
        return "It ends with a signature. Whoever answers signs; keep the fact alone."
    if phrase := _PHRASES.search(text):
        return (
            f"“{phrase[0]}” makes it a whole reply. Keep the fact alone; what is said to a person"
            " is written for that person."
        )
    if len(_SENTENCE.findall(text)) > MOST_SENTENCES:
        return f"It has more than {MOST_SENTENCES} sentences. Keep the fact, or link to it."
    return ""
