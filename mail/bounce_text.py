"""What a delivery report says in words: failing addresses, status codes (RFC 3463), reasons. Pure.

For the many servers that write no RFC 3464 part, or put the truth into its text. It must never be asked about
a mail that is not known to be a report, for people quote such words.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

TEXT_CAP: Final = 20_000

_STATUS: Final = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d]|\.\d)")
_CODED: Final = re.compile(r"(?<![\d.])[45]\d\d[ -]{1,2}\(?#?([45]\.\d{1,3}\.\d{1,3})(?![\d]|\.\d)")
_SMTP: Final = re.compile(r"(?<![\w.:/@-])([45][0-5]\d)(?:[ :,.)-]|$)(?!\d)", re.MULTILINE)
_GENERIC: Final = frozenset({"5.0.0", "4.0.0", "5.0.1", "4.0.1"})


def _any(phrases: str) -> re.Pattern[str]:
    """One pattern of many, a phrase a line."""
    return re.compile("|".join(line.strip() for line in phrases.strip().split("\n")), re.IGNORECASE)


# What the words mean, the surest first. A 4 stays a 4 where the report says the fault passes.
REASONS: Final = tuple(
    (status, _any(phrases))
    for status, phrases in (
        (
            "5.2.2",
            r"""
            mailbox(?: is|'s| size| has|\w*)? ?(?:full|over|exceed|quota)
            over ?quota
            quota ?(?:exceeded|full|violation|is full|has been)
            exceed\w* .{0,30}(?:quota|storage|mailbox size|disk space|limit\w* of mailbox)
            (?:storage|disk|mail) ?(?:space|quota|limit) ?(?:exceeded|full|limit)
            not enough (?:storage|disk) space
            (?:mail|in)box .{0,30}(?:is full|full)
            insufficient (?:system storage|disk space|storage)
            too many messages in
            account is full
            user is over
            postkast on täis
            ящик переполнен|переполнен
            mailfolder is full
            maildir (?:over|delivery failed.*quota)
        """,
        ),
        (
            "5.1.1",
            r"""
            (?:user|recipient|address|mailbox|account|addressee|local ?part|name|login|alias|member|subscriber)s?(?: \S{1,80}){0,2}? ?(?:is |was |are |does |do |has |name )?(?:unknown|not (?:be )?(?:found|known|exist|listed|valid|recogni[sz]ed|here|our)|doesn'?t exist|non-?exist\w+|not have an account|no longer (?:valid|exists|available|active|has|on|in use|with))
            (?:unknown|no such|invalid|bad|nonexistent|non-existent|unrouteable|unroutable|undeliverable|not a valid|illegal alias|unrecognized|incorrect)(?: \S{1,20})? ?(?:or illegal )?(?:user|recipient|address|mailbox|account|alias|local|person|name|addressee|forwardee|login|destination mailbox)
            address rejected: access denied
            does ?n[o']t (?:exist|have an? .{0,20}account)
            no (?:such )?(?:mailbox|user|account|person|recipient)(?: here| by that name| with that)?
            unknown (?:in|to|local)
            no mailbox
            not (?:listed|found) in (?:.{0,30})(?:directory|book|table|database)
            user ?unknown
            recipnotfound
            couldn'?t be found
            could not be found
            is not a (?:known|valid|registered)
            account (?:has been |is )?(?:deleted|closed|terminated|removed)
            mailbox (?:not found|unavailable|does not)
            all recipients? (?:were|was|are) invalid
            isn'?t a valid
            delivery to the following recipients? failed
            宛先不明
            不存在
            no existe
            unbekannt
            non esiste
            inconnu|n'existe pas|non recensé
            не существует|не найден|неизвест
        """,
        ),
        (
            "5.2.1",
            r"""
            (?:account|mailbox|user|address)(?: \S{1,80})?(?: is| has been| was)?(?: currently| temporarily| permanently)? ?(?:disabled|inactive|suspended|locked|blocked|not active|frozen|expired|deactivated|unavailable|restricted|on hold)
            inactive (?:user|account|mailbox)
            not accepting (?:mail|messages)
            (?:has|have) moved|user has moved
            受信を拒否|受信者.*拒否
        """,
        ),
        (
            "5.1.10",
            r"""
            null ?mx|no smtp service|(?:host|domain) does ?n[o']t accept (?:e-?)?mail|accepts no mail
            """,
        ),
        (
            "5.1.2",
            r"""
            (?:host|domain|mail ?host|server)(?: \S{1,80})? ?(?:name )?(?:unknown|not found|does ?n[o']t exist|not exist)
            (?:unknown|no such|invalid|bad|illegal) (?:host|domain)
            name or service not known
            unrouteable (?:mail )?domain
            no (?:mx|dns|a) record
            domain .{0,60}(?:not exist|no mail|does not accept)
            nxdomain
            host or domain name not found
            couldn'?t find (?:any|a) host
            dns (?:error|lookup)
            no route to (?:host|domain)
            does not (?:have|resolve)
        """,
        ),
        (
            "5.3.4",
            r"""
            (?:message|mail|content|size|body|file|data).{0,40}(?:too (?:big|large|long)|exceed\w*|larger than|over(?:size)?d?\b.{0,10}limit)
            exceed\w* .{0,40}(?:size|message) ?limit
            (?:maximum|max) (?:message|mail|file) ?size
            too (?:big|large)
            size limit
        """,
        ),
        (
            "5.4.6",
            r"""
            too many hops
            (?:mail|routing) loop
            loop(?:s|ing)? (?:detected|back)
            hop count
            loops back to myself
            maximum hop
        """,
        ),
        (
            "5.7.1",
            r"""
            \bspam\b
            spamhaus|spamcop|dnsbl|\brbl\b|sorbs|barracuda|blacklist|blocklist|block list|black list|reputation
            \bspf\b|\bdkim\b|\bdmarc\b
            relay(?:ing)?(?: access| not| is|) ?(?:denied|prohibited|permitted|allowed)?
            (?:access|permission|authori[sz]ation|relay) (?:denied|refused|failed|required)
            not (?:authori[sz]ed|permitted|allowed|authenticated)
            polic(?:y|ies)
            rejected (?:due to|because|for|by|as)
            blocked|banned|refused|prohibited|forbidden|denied
            virus|malware|infected|phish
            content (?:rejected|filter|restriction)|contains? .{0,40}(?:content|attachment)|(?:bulk email )?filter
            unsolicited|suspicious
            must (?:authenticate|issue|use)
            (?:reverse|ptr|rdns).{0,30}(?:dns|lookup|record|fail)
            you are not
            moderat
            rejected\b
        """,
        ),
        (
            "5.4.7",
            r"""
            (?:message|mail|envelope|time) (?:has )?(?:expired|timed out)|too old|in (?:the )?queue too long|been in the queue
            given up|giv(?:e|ing) up|retry time ?out (?:not reached|exceeded)|undelivered (?:for|after)|could not deliver for
            (?:queue|delivery|retry|maximum) .{0,30}(?:expired|exceeded|elapsed)
            """,
        ),
        (
            "4.2.2",
            r"""
            try again later.{0,40}quota
        """,
        ),
        (
            "4.4.1",
            r"""
            connection (?:timed out|refused|reset|dropped|closed|was|died|lost|failure)
            timed? ?out
            time-?out
            network (?:is )?unreachable
            host (?:is )?unreachable
            no answer from host
            (?:could|can) ?n[o']t (?:connect|reach|contact|establish)
            unable to connect
            lost connection
                        (?:wasn'?t|was not) able to establish
            not? respond(?:ing)?
            server (?:down|busy|unavailable)
            host (?:name )?lookup failure
            retry(?:ing)?
        """,
        ),
        (
            "4.7.1",
            r"""
            greylist|graylist|grey-listed
            rate ?limit|too many (?:connections|messages|recipients|concurrent|mails)|throttl|temporarily (?:deferred|rejected|blocked)
        """,
        ),
        (
            "4.3.0",
            r"""
            temporar(?:y|ily)
            try (?:again|later)
            deferred|delayed
            resources? temporarily
            local (?:error|configuration)
            internal (?:error|server)|system error|configuration error|out of memory|i/o error
        """,
        ),
        (
            "5.6.0",
            r"""
            (?:malformed|invalid|illegal|bad) (?:header|message|mime|date|8bit|character)
            conversion|mime|8bit|line (?:too )?long|header
            not rfc ?2?822 ?compliant|rfc ?5322
        """,
        ),
        (
            "5.5.0",
            r"""
            syntax error|protocol error|command (?:not|un)|unrecognized command|bad sequence|need mail|transaction failed|smtp (?:error|protocol)
        """,
        ),
        (
            "5.0.0",
            r"""
            undeliver(?:able|ed)
            (?:could|can) ?n[o']t be delivered
            not delivered
            delivery (?:has )?fail
            fail(?:ed|ure)
            permanent
            return(?:ed|ing)
            unable to deliver
            не доставлено
            unzustellbar|nicht zugestellt
            non remis
            toimetamata|ei õnnestunud|kohale toimetada
        """,
        ),
    )
)


def status_in(text: str) -> str:
    """The status `text` gives in figures or words: an enhanced code at an SMTP reply first, "" when none."""
    said = text[:TEXT_CAP]
    coded = _CODED.search(said)
    codes = ([coded[1]] if coded else []) + [".".join(m.groups()) for m in _STATUS.finditer(said) if m[1] != "2"]
    exact = next((code for code in codes if code not in _GENERIC), "")
    if exact:
        return exact
    words, reply = reason_status(said), _SMTP.search(said)
    figure = (codes[0][0] if codes else "") or (reply[1][0] if reply else "")
    if words and words != "5.0.0":
        return (figure or words[0]) + words[1:]
    return codes[0] if codes else f"{figure}.0.0" if figure else words


def reason_status(text: str) -> str:
    """The status that the words of `text` mean, "" when they mean none of those known."""
    said = " ".join(text[:TEXT_CAP].split())
    return next((status for status, pattern in REASONS if pattern.search(said)), "")


# -- addresses ----------------------------------------------------------------------------------

_A: Final = r"(?<![\w.@+/=-])(?P<a>[^\s<>\"'(),:;\[\]|=*`]{1,128}@[A-Za-z0-9\u0080-\uffff_-][A-Za-z0-9.\u0080-\uffff_-]{0,200}[A-Za-z0-9\u0080-\uffff])"

# Where a report puts the address that failed, the plainest form first; the first form that finds any decides.
_PLACES: Final = tuple(
    re.compile(pattern, re.IGNORECASE | re.MULTILINE)
    for pattern in (
        rf"^[ \t>*-]*(?:original[- ]|final[- ]|failed[- ]|intended )?(?:recipients?|rcpt|addressee|e-?mail address|undeliverable to|failed (?:address|addresses|recipients?))(?: address)?(?:es)?[ \t]*(?:\[\d+\])?[:=][ \t]*(?:rfc822;|smtp:)?[ \t]*[<'\"]?{_A}",
        rf"^[ \t]*<{_A}>[ \t]*[:.(,;-]",
        rf"^[ \t]*<{_A}>[ \t]*$",
        rf"rcpt to:[ \t]*<{_A}>",
        rf"^[ \t>*-]*{_A}[ \t]*(?:$|[:;(,-]|\.\.\.|on \w{{3}},)",
        rf"^[ \t>*-]*to:?[ \t]+[<'\"]?{_A}",
        rf"(?:unknown|invalid|no such|undeliverable|not found|recipient|user|address|mailbox|account|deliver(?:ed|y)?(?: \S+){{0,4}} to|for|to)[ \t]*:?\s*[<'\"(]?{_A}",
        rf"[<'\"(]?{_A}[>'\")]?[ \t]*(?:is|was|has|does|not|unknown|\.\.\.|:)",
        _A,
    )
)


# After these words and a line's end the failing addresses stand, and no others.
_INTRODUCTION: Final = re.compile(
    r"(?:not reach|following|these|failed|bad) (?:the following )?(?:recipient|addressee|address|destination|user)s?"
    r"(?:\(e?s\)|es)?[^\n:]{0,120}(?:\n[^\n:]{0,80})?[:.-][ \t-]*$\n",
    re.IGNORECASE | re.MULTILINE,
)


def addresses(text: str, excluded: Iterable[str]) -> list[tuple[str, str]]:
    """(address, the words that follow it) for every failing address named in `text`, in order."""
    said = text[:TEXT_CAP]
    never = {one.lower() for one in excluded}
    introduced = _INTRODUCTION.search(said)
    for part in (said[introduced.end() :] if introduced else "", said):
        for place in _PLACES:
            found = list(_found(place, part, never))
            if found:
                return found
    return []


def _found(place: re.Pattern[str], text: str, never: set[str]) -> Iterator[tuple[str, str]]:
    matches = [m for m in place.finditer(text) if not _is_server(m["a"], never)]
    seen: set[str] = set()
    for index, match in enumerate(matches):
        end = matches[index + 1].start() if index + 1 < len(matches) else len(text)
        if match["a"].lower() not in seen:
            seen.add(match["a"].lower())
            yield match["a"].strip("."), text[match.start() : min(end, match.start() + 2000)]


_SERVERS: Final = re.compile(
    r"(?:mailer-?daemon|post-?_?master|poostmaster|abuse|hostmaster|no-?reply|bounces?|support|helpdesk)(?:[+-][^@]*)?@",
    re.I,
)


def _is_server(address: str, never: set[str]) -> bool:
    return address.lower().strip(".") in never or bool(_SERVERS.match(address))
