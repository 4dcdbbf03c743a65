"""Phrases of out-of-office replies and other automatic mails, as patterns. Data only.

Each pattern is linear, and meant for a few thousand characters; those named below are for text in small letters
(`characters.small`): MACHINE_TEXT, AWAY, UNTIL, DEPUTY, LATER. Subjects are matched from their beginning, so
that a person's "Re: Automatic reply: ..." is none. Words that people use of themselves stand in AWAY, which
never decides alone.
"""

import re
from typing import Final


def _any(phrases: str, before: str = "", after: str = "") -> re.Pattern[str]:
    """One pattern of many, a phrase a line, for subjects."""
    return re.compile(_one(phrases, before, after), re.IGNORECASE)


def _small(phrases: str, before: str = "") -> re.Pattern[str]:
    """As `_any`, for text in small letters."""
    return re.compile(_one(phrases, before))


def _one(phrases: str, before: str, after: str = "") -> str:
    lines = (line.strip() for line in phrases.strip().split("\n"))
    return f"{before}(?:{'|'.join(lines)}){after}"


# Only a program begins a subject so: the label, then a colon, bracket, dash or the end.
MACHINE_SUBJECT: Final = _any(
    r"""
    auto(?:maatne|maat)?[- ]?vastus
    automaatne teade
    automaatteade
    kontorist väljas
    eemaloleku (?:teade|vastus)
    (?:töölt )?eemal(?:oleku)?teade
    puhkuseteade
    auto(?:matic|mated)?[- ]?(?:reply|response|respond(?:er)?|answer|message)
    out[- ]of[- ](?:the[- ])?office
    ooo
    vacation(?: (?:reply|message|response|notice|autoreply))?
    away from (?:my|the) (?:mail|e-?mail|office|desk)
    automatische (?:antwort|abwesenheitsnotiz)
    abwesenheits(?:notiz|nachricht|benachrichtigung|agent|meldung)
    automaattinen (?:vastaus|poissaoloviesti)
    automaattivastaus
    poissa(?:olo)? ?(?:toimistosta|toimistolta)?
    lomalla
    atostogose
    odsutan
    automatski odgovor
    samodejni odgovor
    avtomatsko odgovarjanje
    automatick[áa] odpove[ďd]
    автоматический ответ
    автоответ(?:чик)?
    нет на работе
    вне офиса
    отсутствие на рабочем месте
    autosvar
    automatiskt svar
    automatisk svar
    automātisk[aā] atbilde
    automatinis atsakymas
    automatyczna odpowied[zź]
    odpowied[zź] automatyczna
    poza biurem
    nieobecno[sś][cć]
    frånvaro(?:meddelande)?
    fraværsmelding
    tiekiama tarnyboje
    prombūtnē
    atvaļinājumā
    réponse automatique
    absen(?:ce|t) du bureau
    respuesta autom[aá]tica
    fuera de (?:la )?oficina
    resposta autom[aá]tica
    fora do escrit[oó]rio
    risposta automatica
    fuori (?:sede|ufficio)
    automatisch antwoord
    automatische (?:reactie|beantwoording)
    automatická odpov[eě][dď]
    automatikus v[aá]lasz
    răspuns automat
    otomatik yan[ıi]t
    αυτόματη απάντηση
    自動(?:返信|応答)
    自动(?:回复|答复)
    자동 ?(?:회신|응답)
    """,
    r"\s*\[?(?:auto:\s*)?",
    r"\s*(?:[:\]\-–—(|]|$)",
)

# The receipts of programs that send no multipart/report.
RECEIPT_SUBJECT: Final = _any(
    r"""
    loetud
    lugemi(?:s|se )(?:teatis|kinnitus)
    lugemata
    read
    not read
    read receipt
    return receipt(?: \(displayed\))?
    disposition notification
    gelesen
    ungelesen
    lesebestätigung
    empfangsbestätigung
    luettu
    lukukuittaus
    прочитано
    прочтено
    läst
    läskvitto
    lest
    læst
    przeczytane
    lu
    gelezen
    letto
    leído
    """,
    r"\s*",
    r"\s*:",
)

# Subjects which people write too.
NOTICE_SUBJECT: Final = _any(
    r"""
    (?:olen |viibin )?\w{0,20}puhkusel\b
    (?:olen |viibin )?(?:eemal|haige|haiguslehel|lähetuses|koolitusel)\b
    puhkus[ .!]*$
    absence (?:notice|notification)
    (?:abwesend|poissaolo|frånvaro|fravær|ikke til stede|afwezig|absent)
    .{1,60} (?:is|on) (?:currently )?(?:out of (?:the )?office|away|on (?:vacation|leave|holiday))
    .{1,60} (?:is|on) (?:currently )?(?:kontorist väljas|puhkusel|eemal)
    .{1,60} (?:ist (?:nicht im büro|abwesend|im urlaub)|on (?:lomalla|poissa)|är på semester|находится в отпуске)
    (?:i am |i'm )?(?:currently )?(?:away)\b
    (?:i am |i'm )?(?:currently )?(?:on (?:vacation|holiday|leave|annual leave|maternity leave|parental leave))\b
    (?:i am |i'm )?(?:currently )?(?:out of (?:the )?office)\b
    (?:ich bin )?im urlaub\b
    (?:olen )?lomalla\b
    в отпуске
    (?:jag (?:är )?)?på semester
    en vacances
    urlop\b
    atvaļinājum
    atostog
    \[[^\]]{0,30}#?\d{3,12}\]
    \[?(?:ticket|case|request|pöördumine|päring|tiket)\W{0,3}\d{3,12}
    (?:teie|sinu) (?:pöördumi|kiri|kirja|päring|sõnum|teade)
    .{0,40}(?:pöördumi\w{0,4}|kiri|päring|sõnum) (?:on |sai )?(?:registreeri|kätte|vastu võetud|jõudis)
    (?:your |we(?:'ve| have) received your )(?:message|request|e-?mail|ticket|enquiry|inquiry|case)\b
    thank you for (?:your|contacting)
    aitäh(?:,| teie)|täname (?:teid|teie|pöördumise|kirja)
    ihre (?:anfrage|nachricht)
    ваше? (?:обращение|письмо|запрос|сообщение)
    ticket (?:received|created)
    request received
    (?:please )?(?:confirm|verify) (?:your|that) (?:message|e-?mail|you)
    palun kinnita(?:ge)? (?:oma )?(?:kiri|e-?post|saatja)
    verification required
    challenge
    sender verification
    newsletter\b
    uudiskiri\b
    mailbox (?:full|quota)
    postkast\w{0,3} (?:on|maht)
    """,
    r"\s*(?:(?:re|vs|sv|aw)\s*:\s*)?",
)

# What a mail says of itself being a machine's.
MACHINE_TEXT: Final = _small(
    r"""
    (?:see|käesolev) (?:kiri|sõnum|teade|e-?kiri)? ?on (?:saadetud |genereeritud |koostatud |loodud )?automaat
    see on automaat(?:ne|vastus|teade)
    (?:kiri|teade|sõnum|vastus) on (?:saadetud|genereeritud|loodud|koostatud) automaatselt
    automaatselt (?:genereeritud|saadetud|loodud|koostatud) (?:kiri|teade|sõnum|vastus|e-?kiri)
    (?:palun )?(?:ära|ärge) (?:palun )?vasta(?:ge)? (?:palun )?(?:sellele|antud|käesolevale)
    (?:sellele|antud|käesolevale) (?:kirjale|e-?kirjale|aadressile|sõnumile) (?:palun )?(?:mitte vastata)
    (?:sellele|antud|käesolevale) (?:kirjale|e-?kirjale|aadressile) (?:palun )?(?:ei (?:ole vaja|saa) vastata)
    (?:sellele|antud|käesolevale) (?:sõnumile) (?:palun )?(?:ei (?:ole vaja|saa) vastata)
    postkasti ei (?:loeta|jälgita)
    teie (?:pöördumi(?:ne|se)|päring) (?:on |sai )(?:edukalt )?(?:registreeri|vastu võetud|kätte saadud)
    teie (?:kiri|avaldus|sõnum) (?:on |sai )(?:edukalt )?(?:registreeri|vastu võetud|kätte saadud)
    teie (?:pöördumi(?:ne|se)|päring|kiri|avaldus|sõnum) (?:on |sai )(?:edukalt )?(?:edastatud)
    pöördumi(?:ne|se) (?:number|on registreeritud)
    oleme (?:teie )?(?:kirja|pöördumise|päringu) kätte saanud
    this (?:is an? |e-?mail |message |mail )(?:was |is |has been )?(?:an )?auto(?:-|matic|mated|generated)
    this (?:is an? |e-?mail |message |mail )(?:was |is |has been )?(?:an )?auto(?:reply|response)
    this (?:reply |response )(?:was |is |has been )?(?:an )?auto(?:-|matic|mated|generated|reply|response)
    (?:do not|don't|please don't) (?:reply|respond) (?:to this|directly)
    (?:mailbox|inbox|address|account) is (?:not (?:being )?(?:monitored|checked|attended)|unattended|unmonitored)
    automatically (?:generated|sent|created) (?:e-?mail|message|reply|response|notification)
    (?:e-?mail|message|reply|response) (?:was|is|has been) (?:automatically |auto-?)(?:generated|sent|created)
    auto-?(?:generated|reply|response) message
    your (?:request|ticket|message|enquiry) (?:#?\S{0,20} )?(?:has been|was) (?:received|created|registered)
    your (?:request|ticket|message|enquiry) (?:#?\S{0,20} )?(?:has been|was) (?:logged|opened)
    your (?:inquiry|case) (?:#?\S{0,20} )?(?:has been|was) (?:received|created|registered|logged|opened)
    a (?:support )?ticket has been (?:created|opened)
    ticket (?:number|id) (?:is|:)
    (?:to|before) (?:deliver|release|receive)\w{0,4} your (?:message|e-?mail).{0,80}(?:click|confirm|reply)
    (?:click|follow) the link (?:below )?to (?:confirm|verify|deliver|release)
    vajuta(?:ge)? (?:allolevale )?lingile,? et (?:kiri|kinnitada)
    diese (?:e-?mail|nachricht) (?:wurde|ist) (?:eine )?automati
    dies ist eine automati
    (?:bitte )?(?:antworten sie )?nicht auf diese (?:e-?mail|nachricht)
    automatisch (?:generierte|erstellte|erzeugte|versandte)
    tämä on automaatti
    tämä viesti on (?:lähetetty )?automaatti
    älä vastaa tähän
    это автоматическ
    автоматически (?:сгенерирован|создан|отправлен)
    не отвечайте на это
    (?:сообщение|письмо) (?:создано|сформировано|отправлено) автоматически
    detta är ett auto
    dette er (?:et|en) auto
    svara inte på det
    dit is een automatisch
    ceci est (?:un|une) (?:message|réponse) automatique
    ne pas répondre à ce
    esta es una respuesta automática
    no responda a este
    questa è una risposta automatica
    esta é uma (?:resposta|mensagem) automática
    to jest automatyczna
    wiadomość (?:została )?wygenerowana automatycznie
    š(?:is|ī) ir automātisk
    tai automatin
    (?:postkasti|mailbox|quota).{0,40}\d{1,3} ?%
    """,
)

# Absence in a person's or a machine's words.
AWAY: Final = _small(
    r"""
    (?:olen|viibin|oleme|viibime) (?:\S{1,20} ){0,3}(?:\w{0,20}puhkuse|kontorist)
    (?:olen|viibin|oleme|viibime) (?:\S{1,20} ){0,3}(?:koolituse|haige|haigus|lähetuse)
    (?:olen|viibin|oleme|viibime) (?:\S{1,20} ){0,3}(?:komandeeringu|ära|eemal|välja|töölt|tagasi|lomal)
    (?:vastan|loen kirju|saan vastata) (?:\S{1,20} ){0,3}(?:esimesel|hiljem|peale|pärast|naastes|tagasi|\d)
    e-?kirj(?:u|adele) ei (?:loe|vasta)
    (?:puhkan|puhkame)\b
    (?:haigusleht|haiguslehel|\w{0,20}puhkusel) (?:kuni|alates)
    (?:naasen|tagasi) (?:tööle|kontoris|kontorisse|olen)
    \bi(?:'m| am|’m| will be) (?:\S{1,20} ){0,3}(?:out of|away)\b
    \bi(?:'m| am) (?:\S{1,20} ){0,3}(?:on (?:\S{1,10} )?(?:vacation|holiday|leave|annual|maternity|parental|sick))\b
    \bi(?:’m) (?:\S{1,20} ){0,3}(?:on (?:\S{1,10} )?(?:vacation|holiday|leave|annual|maternity|parental|sick))\b
    \bi(?: will be) (?:\S{1,20} ){0,3}(?:on (?:\S{1,10} )?(?:vacation|holiday|leave|annual|maternity|parental|sick))\b
    \bi(?:'m| am|’m| will be) (?:\S{1,20} ){0,3}(?:travel+ing|sleeping|back)\b
    (?:currently |am |be )(?:out of (?:the |my )?office|away from|on (?:vacation|leave|holiday))
    (?:will|shall) (?:reply|respond|answer|get back|be back|return)\b
    upon my return
    odsutan sam|nisam u uredu|nisem v pisarni
    vastame (?:\S{1,20} ){0,4}(?:jooksul|esimesel)
    (?:reply|respond|answer|get back to you) (?:\S{1,10} ){0,3}within
    limited access
    ich bin (?:\S{1,20} ){0,4}(?:nicht im|im urlaub|abwesend|außer haus|unterwegs|nicht erreichbar|wieder)
    nicht im (?:büro|hause)
    in dringenden fällen
    olen (?:\S{1,20} ){0,3}(?:(?:\w{1,12})?lomalla|poissa|matkoilla|virkavapaalla|vanhempainvapaalla)
    (?:я |сейчас )?(?:нахожусь )?в (?:отпуске|командировке|декрете)
    (?:отвечу|вернусь)\b
    jag (?:är|har) (?:\S{1,20} ){0,3}(?:semester|ledig|tjänsteresa|frånvarande|föräldraledig|tillbaka)
    jeg er (?:\S{1,20} ){0,3}(?:ferie|fraværende|ikke på kontoret)
    ik ben (?:\S{1,20} ){0,3}(?:afwezig|vakantie|niet aanwezig)
    je suis (?:\S{1,20} ){0,3}(?:absent|congés?|vacances|déplacement)
    (?:estoy|estaré) (?:\S{1,20} ){0,3}(?:fuera|vacaciones|ausente)
    (?:sono|sarò) (?:\S{1,20} ){0,3}(?:assente|ferie|fuori)
    (?:estou|estarei) (?:\S{1,20} ){0,3}(?:fora|férias|ausente)
    (?:jestem|przebywam|będę) (?:\S{1,20} ){0,3}(?:urlopie|nieobecn|poza)
    esmu (?:\S{1,20} ){0,3}(?:atvaļinājumā|prombūtnē|komandējumā)
    (?:šiuo metu )?(?:esu )?(?:atostogauju|atostogose|komandiruotėje)
    """,
    r"(?<!\w)",
)

# What an absence note goes on to say: until when, and who stands in.
UNTIL: Final = _small(
    r"""
    kuni (?:\S{1,12} )?\d{1,2}\b
    (?:until|till|through) (?:\S{1,12} ){0,2}(?:\d|monday|tuesday|wednesday|thursday|friday|january|february|march)
    (?:until|till|through) (?:\S{1,12} ){0,2}(?:april|may|june|july|august|september|october|november|december)
    (?:from|between) .{1,20} (?:to|and) .{0,12}\d
    \d{1,2}\. ?\d{1,2}\.? ?(?:-|–|kuni|bis|to|asti|saakka) ?\d
    bis (?:zum |einschließlich |inkl\. )?\d
    ab (?:dem )?\d{1,2}\.
    (?:līdz|iki) \d
    до \d
    t\.?o\.?m\.? \d|till (?:och med )?\d|jusqu'au \d|hasta el \d|fino al \d|tot \d|do \d
    (?:naasen|tagasi|back|return\w*|zurück|takaisin|вернусь|tillbaka|retour) (?:\S{1,12} ){0,4}\d
    """,
    r"(?<!\w)",
)
DEPUTY: Final = _small(
    r"""
    (?:asendab|minu asendaja|asendajaks|tööülesandeid täidab)\b
    kirja(?:ga|de)? ei (?:edastata|suunata)
    (?:kiire|pakilis|edasilükkamatu)\w* (?:\S{1,20} ){0,3}(?:pöördu|kirjuta|helista|võt)
    (?:urgent|immediate|pressing) (?:\S{1,20} ){0,5}(?:contact|call|e-?mail|reach|please)
    (?:contact|reach) my (?:colleague|assistant)|for (?:pressing|urgent)
    in dringenden (?:fällen|angelegenheiten)|meine? vertretung|wenden sie sich
    kiireellisissä|sijaisena
    по срочным вопросам|замещает
    steidzamos gadījumos|skubiais
    i brådskande|vid brådskande|en cas d'urgence|para asuntos urgentes|in caso di urgenz
    in dringende gevallen|w pilnych sprawach
    """,
    r"(?<!\w)",
)

# When it will be answered: an absence note says it, and so may a person, who then says little else.
LATER: Final = _small(
    r"""
    vastan (?:\S{1,20} ){0,3}(?:tagasi tulles|naas(?:tes|misel)|pärast|peale|esimesel|hiljem|tööle)
    (?:kirjadele|kirjale) (?:vastan|vastatakse)
    (?:will|shall) (?:reply|respond|answer|get back)\b.{0,30}\b(?:return|back|when|as soon)
    (?:on|upon|after) my return
    (?:отвечу|вернусь)\b
    atbildēšu
    (?:melde mich|antworte)\b.{0,40}\b(?:nach|zurück)|wieder (?:erreichbar|für sie da|im büro)
    vastaan (?:\S{1,20} ){0,3}(?:palattuani|maanantaina|loman)
    """,
    r"(?<!\w)",
)

# A short answer as people give it, on a line of its own or in capitals.
PLAIN_ANSWER: Final = re.compile(
    r"(?:^|\n)[ \t]*+(?i:jah?|jaa|ei|yes|no|nope|ok|okei|sobib|nõus|kinnitan|tuleme|osaleme|да|нет|kyllä|joo)"
    r"[ \t]*(?:[.,!;:)\n]|$)"
    r"|\b(?:JAH|EI|YES|NO|ДА|НЕТ)\b|(?:^|\n)[ \t]*+\d+(?:[.,]\d+)? ?(?:h|tundi|tund|hours?)\b"
    r"|\b(?i:(?:have to|must|need to|will have to) (?:decline|miss|skip|pass|withdraw)"
    r"|(?:can(?:no|')t|cannot|won't|will not) (?:come|attend(?! to)|make it|join|participate|take part)"
    r"|ei (?:saa|jõua|tule|osale)(?: \w+){0,2} (?:tulla|osaleda|kohale|töötuppa|töötoas)"
    r"|(?:pean|peame|tuleb)(?: \w+){0,3} (?:loobuma|loobuda)|ei osale|ei tule kohale)\b",
)
