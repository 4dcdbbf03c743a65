"""Phrases of bounces from many servers, and the status code (RFC 3463) of each. Data only.

The surest words stand first. Each pattern is linear, and meant for a few thousand characters in small letters
(`characters.small`).
"""

import re
from functools import cache
from typing import Final

_PIECES: Final = {
    "{somebody}": "(?:user|recipient|address|mailbox|account|addressee|local ?part|person|name|login|alias|forwardee"
    "|member|subscriber|destination mailbox)",
    "{wrong}": "(?:unknown|no such|invalid|bad|non-?existent|unrouteable|unroutable|undeliverable|not a valid"
    "|unrecognized|incorrect)",
    "{is}": "(?:is |was |are |does |do |has |name )?",
    "{shut}": "(?:disabled|inactive|suspended|locked|blocked|not active|frozen|expired|deactivated|unavailable"
    "|restricted|on hold)",
}


def _any(phrases: str) -> re.Pattern[str]:
    """One pattern of many, a phrase a line; a piece in braces stands for its words."""
    pattern = "|".join(line.strip() for line in phrases.strip().split("\n"))
    for name, words in _PIECES.items():
        pattern = pattern.replace(name, words)
    return re.compile(pattern)


@cache  # with the first report: a start need not wait for them
def reasons() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """What the words mean: a status and its pattern, the surest first."""
    return tuple((status, _any(phrases)) for status, phrases in _REASONS)


# A 4 stays a 4 where the report says the fault passes.
_REASONS: Final = (
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
        "5.1.2",
        r"""
        host or domain name not found|unrouteable (?:mail )?domain|nxdomain|name service error
        name or service not known|domain name .{0,60}not (?:found|exist)
        """,
    ),
    (
        "5.1.1",
        r"""
        {somebody}s?(?: \S{1,80}){0,2}? ?{is}(?:unknown|not (?:be )?(?:found|known|exist|listed|valid))
        {somebody}s?(?: \S{1,80}){0,2}? ?{is}not (?:be )?(?:recogni[sz]ed|here|our)
        {somebody}s?(?: \S{1,80}){0,2}? ?{is}(?:doesn'?t exist|non-?exist\w+|not have an account)
        {somebody}s?(?: \S{1,80}){0,2}? ?{is}no longer (?:valid|exists|available|active|has|on|in use|with)
        {wrong}(?: \S{1,20})? ?(?:or illegal )?{somebody}
        illegal alias
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
        (?:account|mailbox|user|address)(?: \S{1,80})?(?: is| has been| was)?(?: \w{9,11}ly)? ?{shut}
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
        (?:host|domain|mailhost|server)(?: \S{1,80})? ?(?:name )?(?:unknown|not found|does ?n[o']t exist|not exist)
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
        (?:message|mail|content|size|body|file|data).{0,40}(?:too (?:big|large|long)|exceed\w*|larger than)
        over(?:sized?)? .{0,10}limit
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
        (?:message|mail|envelope|time) (?:has )?(?:expired|timed out)|too old
        in (?:the )?queue too long|been in the queue
        given up|giv(?:e|ing) up|retry time ?out (?:not reached|exceeded)
        undelivered (?:for|after)|could not deliver for
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
        rate ?limit|throttl|temporarily (?:deferred|rejected|blocked)
        too many (?:connections|messages|recipients|concurrent|mails)
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
        syntax error|protocol error|command (?:not|un)|unrecognized command|bad sequence
        need mail|transaction failed|smtp (?:error|protocol)
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
