"""Phrase tables: how mail programs introduce what they quote, and how people close what they write. No logic.

Estonian and English first, then the languages a mail program in Estonia may be set to, then the rest.
It must never hold a pattern that could take more than linear time: no nested or adjacent repetitions.
"""

import re
from typing import Final

MARKERS: Final = {
    "et": "##- Palun kirjutage vastus selle rea kohale -##",
    "en": "##- Please reply above this line -##",
}

_WROTE: Final = (
    "kirjutas", "kirjutasid", "on kirjutanud", "wrote", "writes", "schrieb", "geschrieben", "kirjoitti", "написал",
    "написала", "написал(а)", "пишет", "писал", "писал(а)", "пише", "написав", "написала(в)", "написа", "rakstīja",
    "rakstija", "rašė", "rase", "skrev", "skreiv", "skrifaði", "a écrit", "a ecrit", "écrivait", "écrit",
    "escribió",
    "escribio", "escribía", "ha escrito", "ha scritto", "scrisse", "scrive", "escreveu", "schreef", "geschreven",
    "napisał", "napisała", "napisał(a)", "napisal", "napisala", "napisal(a)", "pisze", "napsal", "napsala",
    "napsal(a)", "napísal", "napísala", "napísal(a)", "ezt írta", "írta", "a scris", "yazdı", "yazmış",
    "şunu yazdı",
    "έγραψε", "je napisao", "je napisala", "napisao", "piše", "je napisal", "va escriure", "ha escrit", "đã viết",
    "写道", "寫道", "写到", "書きました", "のメール", "님이 작성", "작성",
    "quoting", "said the following", "tsiteerides",
    "tsiteerib", "zitat von", "citando", "كتب", "כתב", "כתבה", "menulis",
)  # fmt: skip
WROTE: Final = re.compile(
    r"(?<!\w)(?:"
    + "|".join(re.escape(w) for w in sorted(_WROTE, key=len, reverse=True) if w.isascii() or w[0] < "\u3000")
    + r")(?!\w)|(?<=[>m\])\"])wrote(?!\w)|写道|寫道|写到|書きました|のメール|님이 작성|작성",
    re.IGNORECASE,
)

_STARTERS: Final = (
    "On", "At", "Kuupäeval", "Kontakt", "Kasutaja", "Le", "Am", "Den", "Dne", "Dňa", "Dnia", "W dniu", "Em",
    "El", "Il",
    "In data", "Op", "På", "Pe", "În data", "La", "Στις", "На", "В", "Дана", "Ha", "Vào", "Pada", "Tarih",
    "Πριν", "Dana",
    "Il giorno", "Le lun", "Den", "Vom", "Von", "Em", "Pl", "Data", "ב", "在", "於",
)  # fmt: skip
# A starting word, or a date with at most a weekday before it.
START: Final = re.compile(
    r"[\"'(*_\s]{0,4}(?:(?:" + "|".join(map(re.escape, sorted(set(_STARTERS), key=len, reverse=True)))
    + r")(?:\b|(?=\d))|(?:\w{1,12}[.,]{0,2} )?\d{1,4}(?:[./-]|年|\. ?\w| \w))",
    re.IGNORECASE,
)  # fmt: skip
# Where an introduction begins that stands, with hardly a space between, on the last line of what was written.
GLUED: Final = re.compile(
    r"(?<=[^\W\d_]|[.!?)\"])(?: ?(?=On \w{3},? |Kuupäeval )"
    r"|(?=\d{4}-\d\d-\d\d \d\d[:.]\d\d|\d{1,2}\.\d{1,2}\.\d{4}|\d{1,2}\. [^\W\d_]{3,12} \d{4}))"
)
DATED: Final = re.compile(
    r"(?<!\d)\d{1,2}[:.]\d{2}(?!\d)|(?<!\d)(?:19|20)\d\d(?!\d)|(?<!\d)\d{1,2}[./-]\d{1,2}[./-]\d{2}|\d{1,2}月|\d{4}년"
)
ADDRESS: Final = re.compile(r"[^\s<>\"'(),:;@\[\]]{1,64}@[\w.-]{1,253}")
ISO_LINE: Final = re.compile(
    r"\d{4}[-/]\d{1,2}[-/]\d{1,2}(?: \d{1,2}:\d{2})?(?::\d\d)?(?: (?:GMT|UTC)[+-]?[\d:]{0,5}| \S{1,80} |,)"
)
DATE_LINE: Final = re.compile(
    r"(?:\w{1,12}[.,]{1,2} )?(?:\d{1,2}[./ -]{1,2}\w{1,10}[./ -]{1,2}\d{2,4}|\d{4}[-/.年] ?\d{1,2}[-/.月] ?\d{1,2}日?)"
)

# Who, when, to whom, about what: the block that Outlook and others put above what they quote.
_LABELS: Final = {
    "from": "From|Saatja|Kellelt|Von|De|Da|Van|Fra|Från|Fran|Lähettäjä|Lahettaja|От|Від|От кого|No|Nuo|Od|"
    "Odesílatel|"
    "Feladó|De la|Expéditeur|Remitente|Mittente|Afzender|Avsändare|Afsender|Avsender|Kimden|Gönderen|Από|Από:|"
    "Pošiljatelj|"
    "Sūtītājs|Siuntėjas|发件人|寄件者|差出人|送信者|보낸 사람|Frå|Frá|Nadawca|Kimdən|Absender|寄件人",
    "sent": "Sent|Date|Saadetud|Kuupäev|Saatmisaeg|Aeg|Gesendet|Datum|Envoyé|Envoyé le|Date d'envoi|Enviado|"
    "Enviado el|"
    "Enviado em|Enviada|Enviada em|Data|Fecha|Inviato|Verzonden|Verstuurd|Sendt|Skickat|Datum|Dato|Lähetetty|"
    "Päivämäärä|"
    "Päiväys|Отправлено|Дата|Надіслано|Nosūtīts|Išsiųsta|Wysłano|Wysłane|Odesláno|Odoslané|Dátum|Elküldve|Trimis|"
    "Gönderildi|Gönderme|Tarih|Στάλθηκε|Ημερομηνία|Poslano|Datums|发送时间|日期|寄件日期"
    "|送信日時|日時|보낸 날짜|날짜|Enviat|Sendt dato|"
    "Received|Время",
    "to": "To|Adressaat|Kellele|Saaja|An|À|A|Para|Aan|Til|Till|Vastaanottaja|Кому|Kam|Kas|Do|Komu|Címzett|Către|"
    "Catre|Kime|Alıcı|"
    "Προς|Za|Destinataire|Destinatario|Destinatário|Pour|收件人|收件者|宛先|받는 사람|Adresāts|Pre|Empfänger|Mottagare|"
    "Modtager",
    "cc": "Cc|Bcc|Koopia|Pimekoopia|Kopie|Kopia|Kopi|Kopio|Копия|Копія|CC|Pk|Ärakiri|抄送|副本|참조|Ccn|Cci|Reply-To|"
    "Vastus|"
    "Risposta|Antwort an|Répondre à|Responder a|Importance|Tähtsus|Prioriteet|Priority|Attachments|Manused|"
    "Anlagen|Wichtigkeit|"
    "Organisation|Organization|Message-ID|Importancia|Bilagor|Pièces jointes|Sensitivity|Newsgroups",
    "subject": "Subject|Teema|Pealkiri|Betreff|Objet|Asunto|Assunto|Oggetto|Onderwerp|Emne|Ämne|Amne|Aihe|Тема|"
    "Temats|Tema|"
    "Tēma|Temat|Předmět|Predmet|Tárgy|Subiect|Subiectul|Konu|Θέμα|Zadeva|主题|主旨|件名|제목|Assumpte|Efni|Betr",
}  # fmt: skip
LABEL_KIND: Final = {label.lower().rstrip(":"): kind for kind, labels in _LABELS.items() for label in labels.split("|")}
LABEL: Final = re.compile(r"[\s*_|]{0,6}([^\W\d_][^:：*_\n]{0,24})[*_\s]{0,4}[:：][*_]{0,2}(?:\s|$|(?=\S))")

_ORIGINAL: Final = (
    r"Algne sõnum|Algne kiri|Algne teade|Algsõnum|Originaalsõnum|Originaalkiri|Algkiri|Algupärane (?:sõnum|kiri)|"
    r"Edastatud (?:sõnum|kiri|teade)|"
    r"Vastatud kiri|Tsiteeritud kiri|Original (?:Message|mail|Appointment|e-mail)|Forwarded (?:Message|mail|"
    r"by .{0,60})|"
    r"Begin forwarded message|Reply message|Reply above|Quoted Message|Previous Message|Message d'origine|"
    r"Message (?:original|initial|transféré)|Ursprüngliche (?:Nachricht|Mail|E-Mail)|Original-?nachricht|"
    r"Weitergeleitete Nachricht|Originalmeddelande|Ursprungligt meddelande|Vidarebefordrat meddelande|"
    r"Oprindelig meddelelse|"
    r"Opprinnelig melding|Original(?: )?meddelelse|Videresendt (?:meddelelse|melding)|Alkuperäinen viesti|"
    r"Välitetty viesti|Исходное сообщение|Оригинальное сообщение|Пересылаемое сообщение|Пересланное сообщение|"
    r"Конец пересылаемого сообщения|Перенаправленное сообщение|Вихідне повідомлення|Оригінальне повідомлення|"
    r"Mensaje original|Mensaje reenviado|Mensagem original|Mensagem encaminhada|Messaggio originale|"
    r"Messaggio inoltrato|"
    r"Oorspronkelijk bericht|Origineel bericht|Doorgestuurd bericht|Wiadomość oryginalna|Oryginalna wiadomość|"
    r"Treść oryginalnej wiadomości|Původní zpráva|Pôvodná správa|Eredeti üzenet|Mesaj original|Orijinal (?:Mesaj|"
    r"İleti)|"
    r"Sākotnējais ziņojums|Oriģinālais ziņojums|Pirminis (?:pranešimas|laiškas)|Izvorna poruka|Izvirno sporočilo|"
    r"Αρχικό μήνυμα|原始邮件|原始郵件|元のメッセージ|원본 메시지|Thông điệp gốc"
)
DECORATION: Final = " \t-–—_=+*~:"
ORIGINAL: Final = re.compile(rf"(?:{_ORIGINAL}|Edastatud kirja algus|Anfang der weitergeleiteten)\b", re.IGNORECASE)
ORIGINAL_ALONE: Final = re.compile(
    rf"(?:{_ORIGINAL})(?: processed by .{{1,40}})?$|(?:Begin forwarded message|Edastatud kirja algus)", re.IGNORECASE
)

# Phones and programs that sign for their owners.
DEVICE: Final = re.compile(
    r"[\s*_<(\[-]{0,6}(?:"
    r"(?:Saadetud|Kirjutatud) (?:minu |mu )?[^,;!?\n]{0,60}(?:iphone|ipad|samsung|galaxy|android|telefoni|huawei|"
    r"nokia|"
    r"xiaomi|outlook|yahoo|mobiil|nutitelefon|blackberry|seadme|tahvel|windows|gmail|proton|iOS|mail|taskus|"
    r"oneplus|pixel)"
    r"[^,;!?\n]{0,60}"
    r"|(?:Sent|Posted|Typed|Written) (?:from|with|via|using)(?: [^\s,;!?]{1,60}){1,8}"
    r"|(?:Sent|Posted|Typed|Written) (?:by|on|in)(?: [^\s,;!?]{1,60}){0,6} (?:mobile|phone|iphone|ipad|galaxy|"
    r"android|keys?|"
    r"device|blackberry|handheld|go|move)"
    r"|(?:Diese Nachricht wurde|See (?:e-)?kiri (?:on )?saadet(?:i|ud)|Kiri saadetud|Ce message a été envoyé)"
    r" [^,;!?\n]{1,80}(?:iphone|ipad|android|k-9|samsung|telefon|mobil|gesendet|seadme)[^,;!?\n]{0,40}"
    r"|Get (?:Outlook|BlueMail|TypeApp|myMail|Yahoo Mail) for [^\n]{1,80}"
    r"|Hankige (?:endale )?Outlook[^\n]{0,80}|Laadi(?:ge)? alla Outlook[^\n]{0,80}|Hangi Outlook[^\n]{0,80}"
    r"|Télécharger Outlook[^\n]{0,80}|Obtenir Outlook[^\n]{0,80}|Outlook für [^\n]{0,60} beziehen|"
    r"Hämta Outlook[^\n]{0,80}"
    r"|Downloade? Outlook[^\n]{0,80}|Obtener Outlook[^\n]{0,80}|Ottieni Outlook[^\n]{0,80}|Hanki Outlook[^\n]{0,80}"
    r"|(?:Von|Vom|Gesendet von|Gesendet mit|Von meinem|Gesendet über) [^,;!?\n]{0,60}(?:gesendet|iPhone|iPad|"
    r"Mail|Handy|Smartphone|"
    r"Galaxy|GMX|Outlook|Android|Gerät)[^,;!?\n]{0,50}"
    r"|Envoyé (?:de|depuis|à partir)[^,;!?\n]{1,70}|Enviado (?:desde|do|de|a partir)[^,;!?\n]{1,70}"
    r"|Inviato (?:da|dal|con)[^,;!?\n]{1,70}|Verzonden (?:vanaf|vanuit|met|via)[^,;!?\n]{1,70}|"
    r"Verstuurd (?:vanaf|vanuit)[^,;!?\n]{1,70}"
    r"|Skickat från[^,;!?\n]{1,70}|Sendt fra[^,;!?\n]{1,70}|Lähetetty [^,;!?\n]{1,70}|Отправлено (?:с|из|"
    r"от)[^,;!?\n]{1,70}"
    r"|Надіслано з[^,;!?\n]{1,70}|Wysłan[oe] z[^,;!?\n]{1,70}|Odesláno z[^,;!?\n]{1,70}|Odoslané z[^,;!?\n]{1,70}"
    r"|Nosūtīts no[^,;!?\n]{1,70}|Išsiųsta iš[^,;!?\n]{1,70}|Trimis de pe[^,;!?\n]{1,70}|"
    r"iPhone'umdan[^,;!?\n]{1,40}"
    r"|via (?:mobile|phone|iphone|ipad|android)|iPhoneから送信|从我的[^\n]{1,20}发送|发自我的[^\n]{1,30}"
    r"|發自我的[^\n]{1,30}|從我的[^\n]{1,30}"
    r"|나의 iPhone[^\n]{1,20}|Virusevaba[^\n]{0,60}|Virus-free[^\n]{0,60}"
    r")(?:\. ?(?:please )?(?:excuse|forgive|pardon|ignore|apologies|vabandage|palun vabandage|"
    r"entschuldig|désolé)[^\n]{0,80})?"
    r"[\s*_>)\].]{0,6}$",
    re.IGNORECASE,
)

_FORMAL: Final = (
    "lugupidamisega|lugupidades|hea tervitusega|heade tervitustega|sõbralike tervitustega|parimate tervitustega|"
    "lugupidamisega teie|austusega|parimate soovidega|parimat soovides|parimat|parimate tervitustega|"
    "heade soovidega|heade mõtetega|tervitades|tervitustega|parimate tervitustega|päikest|kõike head|"
    "kõike paremat|mvh|lp|"
    "ilusat päeva|kaunist päeva|head päeva|ilusat nädalat|head nädalat|ilusat nädalavahetust|head nädalavahetust|"
    "edu soovides|sinu|teie|kohtumiseni|kallistades|tervitan|tervitus|terv|head uut|jõudu|"
    "best|best regards|kind regards|warm regards|regards|many thanks and regards|with best regards|"
    "with kind regards|"
    "with regards|sincerely|yours sincerely|sincerely yours|yours faithfully|yours truly|yours|best wishes|"
    "all the best|warmly|respectfully|have a nice day|have a great day|take care|br|rgds|kr|"
    "mit freundlichen grüßen|mit freundlichen grüssen|mit freundlichem gruß|freundliche grüße|freundliche grüsse|"
    "viele grüße|viele grüsse|liebe grüße|beste grüße|schöne grüße|mit besten grüßen|gruß|grüße|mfg|lg|vg|"
    "hochachtungsvoll|"
    "mit lieben grüßen|cordialement|bien cordialement|bien à vous|sincères salutations|salutations|amicalement|"
    "saludos|un saludo|saludos cordiales|atentamente|cordiali saluti|distinti saluti|saluti|un saluto|"
    "atenciosamente|cumprimentos|com os melhores cumprimentos|abraços|met vriendelijke groet|"
    "met vriendelijke groeten|"
    "vriendelijke groet|vriendelijke groeten|groeten|groet|groetjes|med vänlig hälsning|med vänliga hälsningar|"
    "vänliga hälsningar|vänligen|hälsningar|hälsning|vh|med venlig hilsen|venlig hilsen|venlige hilsner|"
    "de bedste hilsner|"
    "med vennlig hilsen|vennlig hilsen|beste hilsen|hilsen|kh|ystävällisin terveisin|terveisin|parhain terveisin|"
    "yt|"
    "с уважением|с наилучшими пожеланиями|всего доброго|з повагою|pozdrawiam|z poważaniem|pozdrawiam serdecznie|"
    "s pozdravem|s pozdravom|ar cieņu|pagarbiai|üdvözlettel|cu respect|saygılarımla|lep pozdrav|с поздрав|"
    "以上、よろしくお願いいたします|よろしくお願いいたします|以上です|敬具"
)
_THANKS: Final = (
    "tänan|tänan ette|tänades|aitäh|ait\u00e4h ette|tänud|suur tänu|suured tänud|ette tänades|ette tänulikult|"
    "tänuga|"
    "cheers|thanks|thank you|many thanks|thanks in advance|thanks again|thanks a lot|thx|ty|with thanks|"
    "thank you so much|"
    "danke|vielen dank|danke und gruß|vielen dank und viele grüße|merci|merci d'avance|gracias|muchas gracias|"
    "grazie|"
    "obrigado|obrigada|dank|bedankt|tack|tak|takk|kiitos|спасибо|дякую|dziękuję|děkuji|paldies|ačiū"
)
CLOSING: Final = re.compile(rf"[\s*_-]{{0,4}}(?:{_FORMAL})[\s,.!:;*_)-]{{0,6}}$", re.IGNORECASE)
CLOSING_NAMED: Final = re.compile(
    r"[\s*_-]{0,4}(?:lugupidamisega|parimate soovidega|tervitades|mvh|lp|best regards|kind regards|regards|cheers|"
    r"hilsen|mit freundlichen grüßen|viele grüße|met vriendelijke groet|med vänlig hälsning|cordialement)"
    r"[\s,.!:/-]{1,4}(?:[^\W\d_][\w.'’-]{0,30}[ ,]{0,2}){1,4}$",
    re.IGNORECASE,
)
THANKS: Final = re.compile(rf"[\s*_-]{{0,4}}(?:{_THANKS})[\s,.!:;*_)-]{{0,6}}$", re.IGNORECASE)

NOTICE: Final = re.compile(
    r"[\s*_\"'(\[-]{0,6}(?:disclaimer|legal notice|confidentiality notice|confidentiality note|"
    r"confidential(?:ity)?\s?[:!-]|"
    r"privileged and confidential|this (?:e-?mail|message|communication|transmission)\b[^\n]{0,120}"
    r"(?:confidential|intended (?:only|solely)|privileged|scanned|virus)|"
    r"the (?:information|content|contents)\b[^\n]{0,80}(?:e-?mail|message|communication|transmission)[^\n]{0,120}"
    r"(?:confidential|intended|privileged)|"
    r"(?:käesolev|see) (?:e-?kiri|kiri|sõnum|e-?post)\b[^\n]{0,120}(?:konfidentsiaal|mõeldud (?:ainult|üksnes)|"
    r"adressaadi|salajas|ametkondlik|asutusesise|viirus)|"
    r"konfidentsiaalsus(?:teade|märkus|klausel)|asutusesiseseks kasutamiseks|"
    r"(?:käesolevas|selles) (?:e-?kirjas|kirjas|sõnumis) (?:sisalduv|olev)|teave on konfidentsiaalne|"
    r"please consider the environment|think before you print|enne (?:selle )?(?:e-?kirja )?(?:välja)?printimist|"
    r"(?:palun )?(?:mõelge|mõtle|hoidke|hoia|säästke|säästa)\b[^\n]{0,60}(?:loodus|keskkon|printi|metsa)|"
    r"(?:käesolev|see) (?:e-?kiri|kiri|sõnum|teade)\b[^\n]{0,80}või(?:b|vad) sisaldada|"
    r"kui (?:te|teie|sa|sina)?\s?(?:ei ole|pole)\b[^\n]{0,40}(?:adressaat|õige saaja|kirja saaja|sõnumi saaja)|"
    r"kui (?:te |sa )?(?:olete|oled|said|saite)\b[^\n]{0,40}(?:kirja|sõnumi|teate)[^\n]{0,20}"
    r"(?:eksi|kogemata|ekslikult)|"
    r"if you (?:are not the intended|(?:have )?received? this (?:e-?mail|message|communication)[^\n]{0,20}in error)|"
    r"diese e-?mail (?:enthält|ist)|"
    r"ce (?:message|courriel)[^\n]{0,80}confidentiel|unsubscribe from this|to unsubscribe\b|"
    r"you (?:are receiving|received) this (?:because|message because)|reply to this e-?mail directly or|"
    r"questo messaggio e)",
    re.IGNORECASE,
)
# Whether to print a mail, whatever the sentence: a word of printing and one of what it costs.
PRINTING: Final = re.compile(
    r"(?=[^\n]{0,200}(?:print|tr(?:ü|u|y)kki|prindi))(?=[^\n]{0,200}(?:keskkon|loodus|mets|m[õo]tle|m[õo]elge|vajalik|"
    r"environment|think|consider|necessary|paber|paper|tree))",
    re.IGNORECASE,
)
# What a mail program or a telephone writes of itself: its name, with a link or a word of sending or getting it.
PRODUCT: Final = re.compile(
    r"\b(?:outlook|iphone|ipad|android\w*|samsung|galaxy|huawei|xiaomi|gmail|yahoo|thunderbird|windows|proton\w*|typeapp|"
    r"bluemail|mail)\b",
    re.IGNORECASE,
)
OFFERED: Final = re.compile(r"https?://|\b(?:hanki|saade|laadi|lae|sent|get|download)", re.IGNORECASE)
LISTED_LINK: Final = re.compile(r"\s{0,3}\[\d{1,3}\]:? \S{1,300}$")
BANNER: Final = re.compile(
    r"\s{0,4}(?:sensitivity|classification|tundlikkus|salastatus|klassifikatsioon)\s?:[^\n]{1,60}$|"
    r"[\s*_\[<!-]{0,6}(?:caution|external|warning|ettevaatust|hoiatus|tähelepanu|attention|väline|note|"
    r"think before)\b[^\n]{0,200}"
    r"(?:outside|external|originat|väljastpoolt|välis|organisatsiooni|unknown sender|do not click|"
    r"not recogni[sz]e)",
    re.IGNORECASE,
)
LIST_FOOTER: Final = re.compile(
    r"\S{1,60} mailing list$|mailman/listinfo|Google Groups \"|groups\.google\.com/", re.IGNORECASE
)
RULE: Final = re.compile(r"^(?:[\s*]{0,6}[-_=~#*+—–─━.·•ᐧ]{2,200}\s{0,4}|ᐧ)$")
