"""Strips greeting, closing and the writer's name from a reply.

Quotes and signatures are cut by the mail's reader before; here only words go that no answer is made of.
"""

import re

from workflow.replies import clauses, names
from workflow.replies.lexicon import common, doubt, notation
from workflow.replies.lexicon.notation import WORD, fold

INLINE_CLOSING = re.compile(
    r"(?<=[.!,)\n]) *(?=(?:tervitades|lugupidamisega|mvh|parimate soovidega|heade soovidega|tervitustega|"
    r"best regards|kind regards|regards|parimat(?=,? +\w+(?: \w+)?\s*$))\b)",
    re.IGNORECASE | re.MULTILINE,
)
CLOSING_WORDS = notation.known(common.CLOSINGS) | common.CLOSING_BESIDE
SHY_GREETINGS = notation.words("hea head good kallis kallid armas lp dear ohtust morning evening hommik")
POSTSCRIPT = re.compile(r"^\W*(p\.? ?s\b|nb\b)", re.IGNORECASE)


def body(text: str, signs: tuple[str, ...] = (), names_are_news: bool = False) -> str:
    """The text without quoted lines, greeting, closing and what stands below it.

    signs: what the writer signs with, a name or an organisation; a line of its own that holds nothing else closes the
    letter. Where names are the answer, another one at the end is not taken for the writer's."""
    lines = [line.strip() for line in INLINE_CLOSING.sub("\n", text).split("\n")]
    lines = [line for line in lines if line and not line.startswith(">") and not common.DEVICE.search(line)]
    kept = _closed(lines, frozenset(fold(word) for name in signs for word in WORD.findall(name)))
    return greeted("\n".join(_unsigned(kept)) if names_are_news else _signed(kept))


def _closed(lines: list[str], own: frozenset[str]) -> list[str]:
    """Everything up to a closing line; a postscript below it still counts."""
    for at, line in enumerate(lines):
        if at and (_closes(line) or _is_own(line, own)):
            return lines[:at] + _below([one for one in lines[at + 1 :] if not _is_own(one, own)])
    return lines


def _is_own(line: str, own: frozenset[str]) -> bool:
    """Whether the line holds the writer's own name or organisation, and nothing else."""
    heard = {fold(word) for word in WORD.findall(line)}
    return bool(heard & own) and heard <= own | names.TITLES and "?" not in line


# What mail systems and offices write below a signature, and how to reach the writer.
NOTICE = re.compile(
    r"konfidentsiaal|adressaa|kirja saaja|kaesolev (e-)?kiri|print|keskkon|viirus|confidential|intended|recipient|"
    r"disclaimer|privileged|this (e-?mail|message)|unsubscribe"
)
REACHED = re.compile(r"@|www\.|https?:|\||\+?[0-9][0-9 ]{5,}|\b(tel|mob|gsm|phone)\b", re.IGNORECASE)
SPEAKING = (
    doubt.DOUBT | doubt.HOLDS_A_YES | doubt.AFFIRMS | common.NEGATIONS | common.BARE_YES
) - notation.words("ja da en et või osa vana kuni week needs plan")


def _below(lines: list[str]) -> list[str]:
    """What stands below the closing and still speaks: a postscript, a second thought, a question."""
    notice = next((at for at, line in enumerate(lines) if NOTICE.search(fold(line))), len(lines))
    said = [at for at, line in enumerate(lines[:notice]) if POSTSCRIPT.match(line) or _speaks(line)]
    return lines[said[0] : notice] if said else []


def _speaks(line: str) -> bool:
    if REACHED.search(line) or names.signs(line) or names.of_a_legal_body(line):
        return False
    heard = clauses.split(line)
    return "?" in line or bool(SPEAKING & set(heard) and not clauses.polite(heard))


def _closes(line: str) -> bool:
    found = clauses.split(line[:80])
    named = [word for word in found if word in CLOSING_WORDS]
    first = bool(found) and found[0] in CLOSING_WORDS
    return (
        first
        and clauses.says(tuple(named), common.CLOSINGS, common.CLOSING_BESIDE)
        and (_names_only(line, CLOSING_WORDS) or _signed_by(line))
    )


def _signed_by(line: str) -> bool:
    """ "Tervitades, Kersti Kask, Näidise MTÜ": after the closing a name, an office, an organisation, and no more."""
    said = [part for part in re.split(r"[,/|]", line) if part.strip()][1:]
    return bool(said) and all(names.signs(part) or _name_alone(part) for part in said)


def _names_only(line: str, allowed: frozenset[str]) -> bool:
    """Beside the allowed words the line holds at most three, and these look like names."""
    rest = [word for word in WORD.findall(line) if fold(word) not in allowed]
    return len(rest) <= 3 and all(map(common.like_name, rest))


def _signed(lines: list[str]) -> str:
    """The lines without names standing alone at the end."""
    lines = _unsigned(lines)
    if len(lines) > 1 and names.signs(lines[-1]):  # "Urmas Kask / vallavanem"
        lines = lines[:-1]
    while (
        len(lines) > 1
        and 1 <= len(WORD.findall(lines[-1])) <= 3
        and "?" not in lines[-1]
        and _names_only(lines[-1], frozenset())
    ):
        lines = lines[:-1]
    return "\n".join(lines)


CONTACT = re.compile(r"@|\+?[0-9](?: ?[0-9]){6,}|\b(tel|mob|gsm|phone)\b", re.IGNORECASE)


def _unsigned(lines: list[str]) -> list[str]:
    """The lines without a name at the end and the titles, offices and numbers below it."""
    at = len(lines)
    while at > 1 and (CONTACT.search(lines[at - 1]) or names.signs(lines[at - 1])):
        at -= 1
    return lines[: at - 1] if 1 < at < len(lines) and _name_alone(lines[at - 1]) else lines


def _name_alone(line: str) -> bool:
    return 1 <= len(WORD.findall(line)) <= 3 and "?" not in line and _names_only(line, frozenset())


EVERYBODY = notation.words("kõik all everyone")  # greeted, or the answer: "Tere, kõik olid kohal"


def greeted(text: str) -> str:
    """The text after its greeting and the name greeted."""
    seen, end = 0, 0
    for found in WORD.finditer(text[:120]):
        word, between = fold(found[0]), text[end : found.start()]
        if seen and any(mark in between for mark in "!.?\n:;"):
            break
        if word in EVERYBODY and not re.match(r"\s*([,!.:;\n]|$)", text[found.end() :]):
            break
        if word in common.GREETINGS or (seen and (word in common.GREETED or common.like_name(found[0]))):
            seen, end = seen + 1, found.end()
            continue
        break
    alone = seen == 1 and fold(text[:end].strip()) in SHY_GREETINGS
    return text[end:].lstrip(" ,.!:;\n)-") if seen and not alone else text
