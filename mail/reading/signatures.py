"""Detects signatures, disclaimers and "Sent from my phone" lines in a stretch of new text. Pure and total.

Looks decide, so looks may deceive: a stretch that only seems to close is marked CLOSING and comes back when there
is nothing else; lines that might answer a question never sign. It must never take more than linear time.
"""

import re
from typing import Final

from mail.reading import quote_phrases
from mail.reading.lines import LOOK, LineMark, Page

_DELIMITER: Final = re.compile(r"\s{0,3}(?:--|—|—-|–-|__)\s{0,3}$")
_CONTACT: Final = re.compile(
    r"@[\w-]{1,60}\.|https?://|www\.|(?<!\d)\+?\(?\d[\d ()/.–-]{5,18}\d|"
    r"(?:^|\s)(?:tel|telefon|phone|mob|mobile|mobiil|fax|gsm|e-?post|e-?mail|skype|linkedin|facebook|aadress|t|m|f|w|e)\s?[.:]\s?\S",
    re.IGNORECASE,
)
_STRONG_CONTACT: Final = re.compile(
    r"^[^\s@]{1,64}@[\w.-]{1,80}$|(?<!\d)\+?\(?\d[\d ()/.–-]{5,18}\d\s{0,3}$|"
    r"(?:^|\s)(?:tel|telefon|phone|mob|mobile|mobiil|fax|gsm|skype|e-?post|e-?mail)\s?[.:]",
    re.IGNORECASE,
)
_NAME: Final = re.compile(
    r"[\s*_/–—-]{0,4}[^\W\d_a-zäöüõšž][\w.'’-]{1,30}(?: [^\W\d_a-zäöüõšž][\w.'’-]{0,30}){1,3}[\s*_,]{0,4}$"
)
_ANSWERING: Final = re.compile(
    r"\b(?:jah|jaa|jep|ei|yes|no|not|ok|okei|okay|sobib|nõus|loobu\w*|seis|abi|tule\w*|puudu\w*|kõik|kui|aga|kuid|but|if|"
    r"tagasi|return|vastuvõetud|tundi|tund|hours?|minutit|min|homme|täna|palun|saa|saan|saame|oleme|osale\w*)\b"
    r"|\d ?(?:h|t)\b",
    re.IGNORECASE,
)
# A name with its legal form is a line of a signature, whatever its words: "Jah & Pojad OÜ".
_ORGANISATION: Final = re.compile(
    r"\s{0,3}(?:(?:OÜ|AS|MTÜ|SA|FIE|TÜ) [„\"A-ZÕÄÖÜŠŽ][^.?!,\n]{0,60}|"
    r"[„\"A-ZÕÄÖÜŠŽ][^.?!,\n]{0,60} (?:OÜ|AS|MTÜ|SA|TÜ|Ltd|LLC|Oy))\s{0,3}$"
)
_ARMOUR: Final = re.compile(r"-----(BEGIN|END) PGP [A-Z ]{1,40}-----\s{0,3}$")
_POSTSCRIPT: Final = re.compile(r"\s{0,3}(?:P\.? ?S\.?|NB!?|Ps)[\s:,.!-]")


def mark(page: Page, region: list[int]) -> None:
    """Mark whatever signs, disclaims or advertises in one stretch of text between quotes."""
    region = _without_armour(page, _without_banner(page, region))
    region = _without_links(page, region)
    for at, number in enumerate(region):
        text = page.texts[number][:LOOK]
        if not text or page.blank[number]:
            continue
        if quote_phrases.DEVICE.match(text) and len(text) <= 110:
            _mark_device(page, region, at)
        elif _ends_here(page, region, at, text):
            page_mark = LineMark.CLOSING if _only_closes(text) else LineMark.SIGNATURE
            _mark_tail(page, region[at:], page_mark)
            return
    _mark_product(page, [n for n in region if page.marks[n] is LineMark.TEXT])
    _mark_contacts(page, [n for n in region if page.marks[n] is LineMark.TEXT])


def _without_banner(page: Page, region: list[int]) -> list[int]:
    first = next((at for at, n in enumerate(region) if not page.blank[n]), 0)
    if region[0] > 3 or not quote_phrases.BANNER.match(page.texts[region[first]], 0, LOOK):
        return region
    last = next((at for at in range(first, len(region)) if page.blank[region[at]]), first + 1)
    for number in region[first:last]:
        page.marks[number] = LineMark.SIGNATURE
    return region[last:]


def _without_armour(page: Page, region: list[int]) -> list[int]:
    """Without what PGP writes round a signed text: its first lines up to a blank one, and its signature."""
    kept, armour = [], ""
    for number in region:
        found = _ARMOUR.match(page.texts[number], 0, LOOK)
        if found:
            armour = "" if found[1] == "END" else "head" if "MESSAGE" in found[0] else "seal"
        if found or armour:
            page.marks[number] = LineMark.SIGNATURE
            armour = "" if armour == "head" and page.blank[number] else armour
        else:
            kept.append(number)
    return kept


def _without_links(page: Page, region: list[int]) -> list[int]:
    """Without the list of links that a converter of pages puts below: "Links:", a rule, "[1] http…"."""
    spoken = [n for n in region if not page.blank[n]]
    listed = len(spoken)
    while listed and quote_phrases.LISTED_LINK.match(page.texts[spoken[listed - 1]], 0, LOOK):
        listed -= 1
    headed = listed >= 2 and quote_phrases.RULE.match(page.texts[spoken[listed - 1]], 0, LOOK)
    if listed == len(spoken) or not headed or not page.texts[spoken[listed - 2]].rstrip().endswith(":"):
        return region
    for number in spoken[listed - 2 :]:
        page.marks[number] = LineMark.SIGNATURE
    return region[: region.index(spoken[listed - 2])]


def _mark_product(page: Page, region: list[int]) -> None:
    """A last line, apart, in which a mail program or a telephone speaks of itself."""
    spoken = [at for at, n in enumerate(region) if not page.blank[n]]
    if len(spoken) < 2 or not page.blank[region[spoken[-1] - 1]]:
        return
    text = page.texts[region[spoken[-1]]]
    if len(text) > 160 or text.rstrip().endswith("?") or not quote_phrases.PRODUCT.search(text, 0, LOOK):
        return
    if quote_phrases.OFFERED.search(text, 0, LOOK) and not _ANSWERING.search(text):
        page.marks[region[spoken[-1]]] = LineMark.SIGNATURE


def _mark_device(page: Page, region: list[int], at: int) -> None:
    page.marks[region[at]] = LineMark.SIGNATURE
    above = region[at - 1] if at else -1
    # Only above "via mobile": above "Sent from …" a name may well be the answer.
    via = page.texts[region[at]].strip().lower().startswith("via ")
    if via and at > 1 and page.blank[region[at - 2]] and _is_name(page.texts[above]):
        page.marks[above] = LineMark.CLOSING


def _is_name(text: str) -> bool:
    return len(text) <= 60 and bool(_NAME.match(text)) and not _ANSWERING.search(text)


def _only_closes(text: str) -> bool:
    return bool(
        quote_phrases.CLOSING.match(text) or quote_phrases.THANKS.match(text) or quote_phrases.CLOSING_NAMED.match(text)
    )


def _ends_here(page: Page, region: list[int], at: int, text: str) -> bool:
    """Whether a signature, a notice or a mailing list's footer begins on this line."""
    if _DELIMITER.match(text):
        return len(_tail(page, region, at)) <= (40 if text.startswith("-- ") else 15)
    if quote_phrases.RULE.match(text):
        return _is_footer(_tail(page, region, at), "_____" in text)
    if len(text) <= 80 and (quote_phrases.CLOSING.match(text) or quote_phrases.CLOSING_NAMED.match(text)):
        tail = _tail(page, region, at)
        return len(tail) <= 20 and _signs(tail, 9)
    if len(text) <= 80 and quote_phrases.THANKS.match(text):
        tail = _tail(page, region, at)
        listed = at + 1 < len(region) and page.blank[region[at + 1]] and sum(map(_is_name, tail)) > 1
        return 0 < len(tail) <= 12 and not listed and _signs(tail, 4)
    printing = len(text) <= 160 and at > 0 and quote_phrases.PRINTING.match(text)
    return bool(printing or quote_phrases.NOTICE.match(text))


def _tail(page: Page, region: list[int], at: int) -> list[str]:
    """The next lines that are not blank, more of them than any signature has."""
    return [page.texts[n][:LOOK] for n in region[at + 1 : at + 60] if not page.blank[n]]


def _signs(tail: list[str], most_words: int) -> bool:
    """Whether these lines look like name, post and address, not like something being said."""
    for text in tail:
        if (
            _DELIMITER.match(text)
            or quote_phrases.NOTICE.match(text)
            or quote_phrases.RULE.match(text)
            or _POSTSCRIPT.match(text)
        ):
            return True
        if quote_phrases.DEVICE.match(text) or quote_phrases.CLOSING.match(text):
            continue
        if len(text) > 120 or text.rstrip().endswith(("?", "!")):
            return False
        reached = _CONTACT.search(text) or _ORGANISATION.match(text)
        if not reached and (len(text.split()) > most_words or _ANSWERING.search(text)):
            return False
    return True


def _is_footer(tail: list[str], underscores: bool) -> bool:
    if any(quote_phrases.LIST_FOOTER.search(text) for text in tail[:3]):
        return True
    if underscores and 0 < len(tail) <= 4 and _signs(tail, 6):
        return True
    contacts = sum(bool(_CONTACT.search(text)) for text in tail)
    short = len(tail) <= 16 and all(len(text) <= 70 for text in tail)
    return short and contacts >= 2 and contacts * 4 >= len(tail)


def _mark_tail(page: Page, tail: list[int], mark: LineMark) -> None:
    for number in tail:
        if mark is LineMark.CLOSING and _POSTSCRIPT.match(page.texts[number]):
            return
        page.marks[number] = mark


def _mark_contacts(page: Page, region: list[int]) -> None:
    """A last paragraph of a name and ways to reach its owner, without any word that closes."""
    while region and page.blank[region[-1]]:
        region.pop()
    start = next((at for at in range(len(region) - 1, -1, -1) if page.blank[region[at]]), -1)
    block = [page.texts[n][:LOOK] for n in region[start + 1 :]]
    if start < 0 or not 2 <= len(block) <= 10 or not _is_name(block[0]):
        return
    if any(_STRONG_CONTACT.search(text.strip()) for text in block[1:]) and _signs(block[1:], 7):
        _mark_tail(page, region[start + 1 :], LineMark.CLOSING)
