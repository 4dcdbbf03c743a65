"""What is new text in a reply, as mail programs in use in Estonia and elsewhere write it.

The quoted question holds JAH and EI: every case with `QUESTION` in it shows that neither leaks.
"""

import time

import pytest

from mail.reading import html as html_body
from mail.reading import quotes
from mail.reading.quote_phrases import LABEL_KIND
from mail.reading.quotes import MARKERS, LineMark
from tests.case_table import each

QUESTION = "Kas osalete töötoas? Vastake JAH või EI."
PAGE_QUESTION = "<p>Kas osalete töötoas? Vastake <b>JAH</b> või <b>EI</b>.</p>"

# What it is, the text as it came, the words that are newly written.
TEXTS = [
    (
        "gmail et",
        "JAH\n\n"
        "Kontakt Teekond (<vastus@example.org>) kirjutas kuupäeval T, 5. aprill\n"
        "2022 kell 10:00:\n\n"
        "> " + QUESTION + "\n",
        "JAH",
    ),
    (
        "gmail et2",
        "JAH\n\nTeekond <vastus@example.org> kirjutas kuupäeval T, 5. aprill 2022 kell\n10:00:\n\n> " + QUESTION + "\n",
        "JAH",
    ),
    (
        "gmail et unquoted",
        "JAH\n\nTeekond <vastus@example.org> kirjutas kuupäeval T, 5. aprill 2022 kell\n10:00:\n\n" + QUESTION + "\n",
        "JAH",
    ),
    (
        "tb et",
        "Ei saa tulla.\n\n5.04.2022 10:00 Teekond kirjutas:\n> " + QUESTION + "\n",
        "Ei saa tulla.",
    ),
    (
        "tb et2",
        "Ei saa tulla.\n\nOn 05.04.2022 10:00, Teekond kirjutas:\n> " + QUESTION + "\n",
        "Ei saa tulla.",
    ),
    (
        "tb et bottom",
        "Teekond kirjutas 05.04.2022 kell 10:00:\n> " + QUESTION + "\n\nJAH, tuleme\n\n-- \nMari\n",
        "JAH, tuleme",
    ),
    (
        "apple et",
        "JAH\n\nMari\n\n> Teekond <vastus@example.org> kirjutas 5. apr 2022 kell 10:00:\n> \n> " + QUESTION + "\n",
        "JAH\n\nMari",
    ),
    (
        "apple et2",
        "JAH\n\n"
        "Saadetud minu iPhone'ist\n\n"
        "Teekond <vastus@example.org> kirjutas 5. aprill 2022 kell 10:00:\n\n" + QUESTION + "\n",
        "JAH",
    ),
    (
        "outlook et",
        "JAH\n\n"
        "Mvh\n"
        "Mari\n\n"
        "Saatja: Teekond <vastus@example.org>\n"
        "Saadetud: teisipäev, 5. aprill 2022 10:00\n"
        "Adressaat: Mari Maasikas <mari@example.org>\n"
        "Teema: Töötuba\n\n" + QUESTION,
        "JAH",
    ),
    (
        "outlook et web",
        "JAH\n"
        "________________________________\n"
        "Saatja: Teekond <vastus@example.org>\n"
        "Saadetud: teisipäev, 5. aprill 2022 10:00\n"
        "Adressaat: Mari Maasikas\n"
        "Teema: Töötuba\n\n" + QUESTION,
        "JAH",
    ),
    (
        "outlook et old",
        "JAH\n\n-----Algne sõnum-----\nFrom: Teekond\nSent: teisipäev\n\n" + QUESTION,
        "JAH",
    ),
    (
        "outlook spaced",
        "JAH\n\n"
        " \n\n"
        "From: Teekond <vastus@example.org> \n\n"
        "Sent: Tuesday, April 5, 2022 10:00 AM\n\n"
        "To: Mari\n\n"
        "Subject: Töötuba\n\n"
        " \n\n" + QUESTION,
        "JAH",
    ),
    (
        "samsung",
        "JAH\n\n"
        "Saadetud minu Samsung Galaxy nutitelefonist.\n\n"
        "-------- Algne sõnum --------\n"
        "Saatja: Teekond <vastus@example.org>\n"
        "Kuupäev: 5.4.22 10:00 (GMT+02:00)\n"
        "Saaja: mari@example.org\n"
        "Teema: Töötuba\n\n" + QUESTION,
        "JAH",
    ),
    (
        "samsung2",
        "JAH\n\n\n"
        "-------- Originaalsõnum --------\n"
        "Kellelt: Teekond <vastus@example.org>\n"
        "Kuupäev: 5.4.22 10:00 (GMT+02:00)\n"
        "Kellele: mari@example.org\n"
        "Teema: Töötuba\n\n" + QUESTION,
        "JAH",
    ),
    (
        "roundcube",
        "JAH\n\nOn 2022-04-05 10:00, Teekond wrote:\n> " + QUESTION + "\n",
        "JAH",
    ),
    (
        "roundcube et",
        "JAH\n\nTeekond kirjutas 2022-04-05 10:00:\n> " + QUESTION + "\n",
        "JAH",
    ),
    (
        "zone",
        "JAH\n\n5. aprill 2022 10:00:00 EEST, Teekond <vastus@example.org> kirjutas:\n" + QUESTION + "\n",
        "JAH",
    ),
    (
        "k9",
        "JAH\n\n"
        "Am 5. April 2022 10:00:00 MESZ schrieb Teekond <vastus@example.org>:\n"
        ">" + QUESTION + "\n"
        "-- \n"
        "Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.",
        "JAH",
    ),
    (
        "inline",
        "Teekond kirjutas 5.04.2022 10:00:\n> Kas osalete?\nJAH\n> Kas kõik tulevad?\nKarl ei tule\n> Aitäh\n",
        "JAH\nKarl ei tule",
    ),
    (
        "marker",
        "JAH\n\n##- Palun kirjutage vastus selle rea kohale -##\n" + QUESTION,
        "JAH",
    ),
    (
        "marker quoted",
        "JAH\n\n> ##- Palun kirjutage vastus selle rea kohale -##\n> " + QUESTION,
        "JAH",
    ),
    (
        "marker bold",
        "JAH\n\n *##- Please reply above this line -##*\n" + QUESTION,
        "JAH",
    ),
    (
        "mvh inline",
        "JAH\n\nMvh, Mari Maasikas",
        "JAH",
    ),
    (
        "parimat",
        "Ei, ei saa osaleda haiguse tõttu.\n\n"
        "Parimate soovidega\n"
        "Mari Maasikas\n"
        "projektijuht\n"
        "MTÜ Näidis\n"
        "+372 5555 0101\n"
        "mari@example.org",
        "Ei, ei saa osaleda haiguse tõttu.",
    ),
    (
        "tänan + cond",
        "JAH\n\nTänan\nAga homme ei saa",
        "JAH\n\nTänan\nAga homme ei saa",
    ),
    (
        "ps",
        "JAH\n\nLugupidamisega\nMari\n\nPS. Karl ei tule",
        "JAH\n\nPS. Karl ei tule",
    ),
    (
        "conf et",
        "JAH\n\nMari\n\nKäesolev e-kiri on konfidentsiaalne ja mõeldud ainult adressaadile. JAH EI",
        "JAH\n\nMari",
    ),
    (
        "hours",
        "2,5 h\n12.07 1,5h\n19.07 45 min\n\nTervitades\nJaan",
        "2,5 h\n12.07 1,5h\n19.07 45 min",
    ),
    (
        "date labels",
        "Kuupäev: 12.07\nTeema: ideeaed\nKestus: 1,5 h",
        "Kuupäev: 12.07\nTeema: ideeaed\nKestus: 1,5 h",
    ),
    (
        "names",
        "Puudusid: Karl Kask, Mari Maasikas",
        "Puudusid: Karl Kask, Mari Maasikas",
    ),
    (
        "names lines",
        "Andres Kuusk\nDiana Sepp",
        "Andres Kuusk\nDiana Sepp",
    ),
    (
        "names lines greet",
        "Tere\n\nAndres Kuusk\nDiana Sepp\n\nTervitustega\nMari",
        "Tere\n\nAndres Kuusk\nDiana Sepp",
    ),
    (
        "fi",
        "Kyllä\n\nTeekond <vastus@example.org> kirjoitti 5.4.2022 kello 10.00:\n> x\n",
        "Kyllä",
    ),
    (
        "fi2",
        "Kyllä\n\nti 5. huhtik. 2022 klo 10.00 Teekond (vastus@example.org) kirjoitti:\n\n> x\n",
        "Kyllä",
    ),
    (
        "ru",
        "Да\n\nвт, 5 апр. 2022 г. в 10:00, Teekond <vastus@example.org>:\n\n> x\n",
        "Да",
    ),
    (
        "ru2",
        "Да\n\n5 апреля 2022 г., 10:00 +03:00 от Teekond <vastus@example.org>:\n\n> x\n",
        "Да",
    ),
    (
        "ru3",
        "Да\n\n05.04.2022 10:00, Teekond пишет:\n> x\n",
        "Да",
    ),
    (
        "lv",
        "Jā\n\notrd., 2022. g. 5. apr., plkst. 10:00 — lietotājs Teekond (<vastus@example.org>) rakstīja:\n\n> x\n",
        "Jā",
    ),
    (
        "lt",
        "Taip\n\n2022-04-05, an, 10:00 Teekond <vastus@example.org> rašė:\n\n> x\n",
        "Taip",
    ),
    (
        "pl",
        "Tak\n\nwt., 5 kwi 2022 o 10:00 Teekond <vastus@example.org> napisał(a):\n\n> x\n",
        "Tak",
    ),
    (
        "fr",
        "Oui\n\nLe mar. 5 avr. 2022 à 10:00, Teekond <vastus@example.org> a écrit :\n\n> x\n",
        "Oui",
    ),
    (
        "es",
        "Sí\n\nEl mar, 5 abr 2022 a las 10:00, Teekond (<vastus@example.org>)\nescribió:\n\n> x\n",
        "Sí",
    ),
    (
        "it",
        "Sì\n\nIl giorno mar 5 apr 2022 alle ore 10:00 Teekond <vastus@example.org>\nha scritto:\n\n> x\n",
        "Sì",
    ),
    (
        "nl",
        "Ja\n\nOp di 5 apr. 2022 om 10:00 schreef Teekond <vastus@example.org>:\n\n> x\n",
        "Ja",
    ),
    (
        "cs",
        "Ano\n\nút 5. 4. 2022 v 10:00 odesílatel Teekond <vastus@example.org>\nnapsal:\n\n> x\n",
        "Ano",
    ),
    (
        "uk",
        "Так\n\nвт, 5 квіт. 2022 р. о 10:00 Teekond <vastus@example.org> пише:\n\n> x\n",
        "Так",
    ),
    (
        "tr",
        "Evet\n\nTeekond <vastus@example.org>, 5 Nis 2022 Sal, 10:00 tarihinde şunu yazdı:\n\n> x\n",
        "Evet",
    ),
    (
        "hu",
        "Igen\n\nTeekond <vastus@example.org> ezt írta (időpont: 2022. ápr. 5., K, 10:00):\n\n> x\n",
        "Igen",
    ),
    (
        "ro",
        "Da\n\nÎn mar., 5 apr. 2022 la 10:00, Teekond <vastus@example.org> a scris:\n\n> x\n",
        "Da",
    ),
    (
        "zh",
        "好\n\nTeekond <vastus@example.org> 于2022年4月5日周二 10:00写道：\n\n> x\n",
        "好",
    ),
    (
        "ja",
        "はい\n\n2022年4月5日(火) 10:00 Teekond <vastus@example.org>:\n\n> x\n",
        "はい",
    ),
    (
        "ko",
        "네\n\n2022년 4월 5일 (화) 오전 10:00, Teekond <vastus@example.org>님이 작성:\n\n> x\n",
        "네",
    ),
    (
        "sv outlook",
        "Ja\n\nFrån: Teekond <vastus@example.org>\nSkickat: den 5 april 2022 10:00\nTill: Mari\nÄmne: Töötuba\n\nx",
        "Ja",
    ),
    (
        "fi outlook",
        "Kyllä\n\n"
        "Lähettäjä: Teekond <vastus@example.org>\n"
        "Lähetetty: tiistai 5. huhtikuuta 2022 10.00\n"
        "Vastaanottaja: Mari\n"
        "Aihe: Töötuba\n\n"
        "x",
        "Kyllä",
    ),
    (
        "ru outlook",
        "Да\n\nОт: Teekond <vastus@example.org>\nОтправлено: 5 апреля 2022 г. 10:00\nКому: Mari\nТема: Töötuba\n\nx",
        "Да",
    ),
    (
        "fr outlook",
        "Oui\n\nDe : Teekond <vastus@example.org>\nEnvoyé : mardi 5 avril 2022 10:00\nÀ : Mari\nObjet : x\n\nx",
        "Oui",
    ),
    (
        "proton",
        "JAH\n\n"
        "Sent with Proton Mail secure email.\n\n"
        "------- Original Message -------\n"
        "On Tuesday, April 5th, 2022 at 10:00 AM, Teekond <vastus@example.org> wrote:\n\n\n"
        "> " + QUESTION + "\n",
        "JAH",
    ),
    (
        "yahoo",
        "JAH\n\n"
        "    On Tuesday, April 5, 2022, 10:00:00 AM GMT+3, Teekond <vastus@example.org> wrote:  \n"
        " \n"
        " " + QUESTION + "\n",
        "JAH",
    ),
    (
        "android gmail",
        "JAH\n\nT, 5. apr 2022 10:00 Teekond <vastus@example.org> kirjutas:\n\n> " + QUESTION,
        "JAH",
    ),
    (
        "gmail et kasutaja",
        "JAH\n\nKasutaja Teekond (<vastus@example.org>) kirjutas 5. aprillil 2022:\n\n> " + QUESTION,
        "JAH",
    ),
    (
        "wrap leftover",
        "JAH\n\n"
        "> Kas teie meeskond osaleb teises töötoas, mis toimub esmaspäeval ja milles\n"
        "vastata tuleb JAH või EI\n"
        "> hiljemalt reedeks\n",
        "JAH",
    ),
    (
        "quote only",
        "> " + QUESTION + "\n",
        "",
    ),
    (
        "fw",
        "---------- Forwarded message ---------\n"
        "From: Teekond <vastus@example.org>\n"
        "Date: T, 5. apr 2022 kell 10:00\n"
        "Subject: x\n"
        "To: <mari@example.org>\n\n" + QUESTION,
        "",
    ),
    (
        "huawei",
        "JAH\n\nSaadetud mu HUAWEI telefonist",
        "JAH",
    ),
    (
        "outlook android et",
        "JAH\n\n"
        "Hankige Outlook for Android<https://aka.ms/AAb9ysg>\n"
        "________________________________\n"
        "From: Teekond\n"
        "Sent: x\n"
        "To: y\n"
        "Subject: z\n\n" + QUESTION,
        "JAH",
    ),
    (
        "kirjutas in text",
        "JAH, Mari kirjutas mulle eile ja ütles et tuleb.",
        "JAH, Mari kirjutas mulle eile ja ütles et tuleb.",
    ),
    (
        "kirjutas colon",
        "Ei.\n\nMari kirjutas mulle järgmist:\nta on haige",
        "Ei.\n\nMari kirjutas mulle järgmist:\nta on haige",
    ),
    (
        "sig contact",
        "JAH\n\nMari Maasikas\nprojektijuht\n+372 5555 0101\nmari@example.org",
        "JAH",
    ),
    (
        "link",
        "Kodutöö on siin:\n\nhttps://example.org/too.pdf",
        "Kodutöö on siin:\n\nhttps://example.org/too.pdf",
    ),
    (
        "dash list",
        "Puudusid:\n- Karl\n- Mari",
        "Puudusid:\n- Karl\n- Mari",
    ),
    (
        "bottom marked",
        "> On 5.4.22 10:00 Teekond wrote:\n> " + QUESTION + "\n\nEI. Haige.",
        "EI. Haige.",
    ),
    (
        "tere above inline",
        "Tere!\n\n"
        "T, 5. aprill 2022 kell 10:00 kirjutas Teekond <vastus@example.org>:\n\n"
        "> Kas?\n\n"
        "JAH\n\n"
        "> Kes?\n\n"
        "Kõik",
        "Tere!\n\nJAH\n\nKõik",
    ),
    (
        "kirjutas before name",
        "JAH\n\nT, 5. aprill 2022 kell 10:00 kirjutas Teekond <vastus@example.org>:\n" + QUESTION,
        "JAH",
    ),
    (
        "sep only",
        "JAH\n\n----\nMari Maasikas\ntel +372 5555 0101\nmari@example.org",
        "JAH",
    ),
    (
        "mobile sign",
        "Jah sobib\n\nSent from Outlook for Android<https://aka.ms/x>",
        "Jah sobib",
    ),
    (
        "get outlook",
        "Jah sobib\nGet Outlook for Android",
        "Jah sobib",
    ),
    (
        "mail for windows",
        "Jah\n\nSent from Mail for Windows\n\nFrom: Teekond\nSent: Tuesday\nTo: x\nSubject: y\n\n" + QUESTION,
        "Jah",
    ),
    (
        "windows et",
        "Jah\n\n"
        "Saadetud rakendusest Mail for Windows\n\n"
        "From: Teekond\n"
        "Sent: Tuesday\n"
        "To: x\n"
        "Subject: y\n\n" + QUESTION,
        "Jah",
    ),
    (
        "no closing quote sig",
        "EI\n\nHea tervitusega\nMari",
        "EI",
    ),
]


# More of the same, by language and by mail program.
MORE_TEXTS = [
    (
        "airmail",
        "Hello\n\n"
        "-- \n"
        "John\n"
        "Sent with Airmail\n\n"
        "On 5 April 2022 at 10:00:00, John (john@example.org) wrote:\n\n" + QUESTION,
        "Hello",
    ),
    (
        "outlook.com",
        "Hello\n\n"
        "Date: Tue, 5 Apr 2022 10:00:00 +0000\n"
        "From: x@example.org\n"
        "To: y@example.org\n"
        "Subject: z\n\n" + QUESTION,
        "Hello",
    ),
    (
        "hotmail2",
        "Hello\n\nTo: y@example.org\nSubject: z\nFrom: x@example.org\nDate: Tue, 5 Apr 2022\n\n" + QUESTION,
        "Hello",
    ),
    (
        "es",
        "Hola\n\nEl 5 de abril de 2022, 10:00, John <a@example.org> escribió:\n\n> " + QUESTION,
        "Hola",
    ),
    (
        "es2",
        "Hola\n\nDe: John\nEnviado: martes\nPara: Maria\nAsunto: x\n\n" + QUESTION,
        "Hola",
    ),
    (
        "es3",
        "Hola\n\n-----Mensaje original-----\nDe: John\n\n" + QUESTION,
        "Hola",
    ),
    (
        "pt",
        "Olá\n\nDe: John\nEnviada em: terça\nPara: Maria\nAssunto: x\n\n" + QUESTION,
        "Olá",
    ),
    (
        "it",
        "Ciao\n\nIl 05/04/2022 10:00, John ha scritto:\n> " + QUESTION,
        "Ciao",
    ),
    (
        "it2",
        "Ciao\n\nIl giorno 5 aprile 2022 10:00, John <a@example.org> ha scritto:\n" + QUESTION,
        "Ciao",
    ),
    (
        "nl",
        'Hoi\n\nOp 5 apr. 2022 10:00 schreef "John" <a@example.org>:\n' + QUESTION,
        "Hoi",
    ),
    (
        "nl2",
        "Hoi\n\nJohn schreef op 2022-04-05 10:00:\n> " + QUESTION,
        "Hoi",
    ),
    (
        "nl3",
        "Hoi\n\nOp 5-4-2022 om 10:00 schreef John:\n> " + QUESTION,
        "Hoi",
    ),
    (
        "pl",
        "Cześć\n\nW dniu 05.04.2022 o 10:00, John pisze:\n> " + QUESTION,
        "Cześć",
    ),
    (
        "pl2",
        "Cześć\n\nDnia 5 kwietnia 2022 10:00 John <a@example.org> napisał(a):\n\n" + QUESTION,
        "Cześć",
    ),
    (
        "pl3",
        "Cześć\n\nOd: John\nWysłano: wtorek\nDo: Maria\nTemat: x\n\n" + QUESTION,
        "Cześć",
    ),
    (
        "sv",
        "Hej\n\nDen 5 april 2022 10:00 skrev John <a@example.org>:\n" + QUESTION,
        "Hej",
    ),
    (
        "sv2",
        "Hej\n\n5 apr. 2022 kl. 10:00 skrev John <a@example.org>:\n\n" + QUESTION,
        "Hej",
    ),
    (
        "no",
        "Hei\n\ntir. 5. apr. 2022 kl. 10:00 skrev John <a@example.org>:\n\n> " + QUESTION,
        "Hei",
    ),
    (
        "no2",
        "Hei\n\nFra: John\nSendt: tirsdag\nTil: Kari\nEmne: x\n\n" + QUESTION,
        "Hei",
    ),
    (
        "da2",
        "Hej\n\nD. 05-04-2022 10:00, skrev John:\n> " + QUESTION,
        "Hej",
    ),
    (
        "fi3",
        "Hei\n\nJohn kirjoitti 5.4.2022 klo 10.00:\n> " + QUESTION,
        "Hei",
    ),
    (
        "fi4",
        "Hei\n\n5.4.2022, 10:00, John kirjoitti:\n> " + QUESTION,
        "Hei",
    ),
    (
        "de",
        "Hallo\n\nAm Di., 5. Apr. 2022 um 10:00 Uhr schrieb John <\na@example.org>:\n\n> " + QUESTION,
        "Hallo",
    ),
    (
        "de2",
        "Hallo\n\nJohn <a@example.org> hat am 5. April 2022 um 10:00 geschrieben:\n\n" + QUESTION,
        "Hallo",
    ),
    (
        "de3",
        "Hallo\n\nVon: John [mailto:a@example.org]\nGesendet: Dienstag\nAn: Maria\nBetreff: x\n\n" + QUESTION,
        "Hallo",
    ),
    (
        "de4",
        "Hallo\n\nAm 05.04.22 um 10:00 schrieb John:\n> " + QUESTION + "\n\nMfG\nMaria",
        "Hallo",
    ),
    (
        "de gmx",
        "Hallo\n\n"
        "Gesendet: Dienstag, 05. April 2022 um 10:00 Uhr\n"
        "Von: John <a@example.org>\n"
        "An: x@example.org\n"
        "Betreff: y\n" + QUESTION,
        "Hallo",
    ),
    (
        "fr",
        "Bonjour\n\nLe 05/04/2022 10:00, John a écrit :\n> " + QUESTION,
        "Bonjour",
    ),
    (
        "fr2",
        "Bonjour\n\nDe : John <a@example.org>\nEnvoyé le : mardi 5 avril 2022\nÀ : Maria\nObjet : x\n\n" + QUESTION,
        "Bonjour",
    ),
    (
        "fr3",
        "Bonjour\n\n"
        "Envoyé de mon iPhone\n\n"
        "> Le 5 avr. 2022 à 10:00, John <a@example.org> a écrit :\n"
        "> \n"
        "> " + QUESTION,
        "Bonjour",
    ),
    (
        "fr4",
        "Bonjour\n\n-----Message d'origine-----\nDe : John\n" + QUESTION,
        "Bonjour",
    ),
    (
        "zh",
        "你好\n\n"
        "------------------ 原始邮件 ------------------\n"
        '发件人: "John"<a@example.org>;\n'
        "发送时间: 2022年4月5日\n"
        "收件人: x\n"
        "主题: y\n\n" + QUESTION,
        "你好",
    ),
    (
        "zh2",
        '你好\n\nAt 2022-04-05 10:00:00, "John" <a@example.org> wrote:\n\n>' + QUESTION,
        "你好",
    ),
    (
        "ko2",
        "네\n\n2022. 4. 5. 오전 10:00에 John <a@example.org>님이 작성:\n\n> " + QUESTION,
        "네",
    ),
    (
        "vi",
        "Vâng\n\nVào Th 3, 5 thg 4, 2022 vào lúc 10:00 John <a@example.org> đã viết:\n\n> " + QUESTION,
        "Vâng",
    ),
    (
        "sent by mobile",
        "Hello\n\nSent by mobile",
        "Hello",
    ),
    (
        "excuse",
        "Hello\n\n(sent from a phone)",
        "Hello",
    ),
    (
        "galaxy",
        "Hello\n\n<< sent by galaxy >>",
        "Hello",
    ),
    (
        "posted",
        "Hello\n\nPosted from my iPhone",
        "Hello",
    ),
    (
        "zh dev",
        "你好\n\n从我的 iPhone 发送",
        "你好",
    ),
    (
        "nl dev",
        "Hoi\n\nVerstuurd vanaf mijn iPhone",
        "Hoi",
    ),
    (
        "de dev",
        "Hallo\n\nVon meinem iPhone gesendet",
        "Hallo",
    ),
    (
        "de dev2",
        "Hallo\n\nDiese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.",
        "Hallo",
    ),
    (
        "brev",
        "Hello\n\nSent from my Android device with K-9 Mail. Please excuse my brevity.",
        "Hello",
    ),
    (
        "brev et",
        "Tere jah\n\nSaadetud minu Android-seadmest K-9 Mailiga. Vabandage, et olen napisõnaline.",
        "Tere jah",
    ),
    (
        "list footer",
        "Hello\n\n-- \nYou received this message because you are subscribed\nto the group",
        "Hello",
    ),
    (
        "google groups",
        "Hello\n\n"
        "--~--~---------~--~----~------------~-------~--~----~\n"
        'You received this message because you are subscribed to the Google Groups "x" group.\n',
        "Hello",
    ),
    (
        "fwd above",
        "See below.\n\n"
        "---------- Forwarded message ----------\n"
        "From: John <a@example.org>\n"
        "Date: 2022\n"
        "Subject: x\n"
        "To: y\n\n" + QUESTION,
        "See below.",
    ),
    (
        "apple fwd",
        "See below.\n\nBegin forwarded message:\n\nFrom: John\nDate: 2022\n\n" + QUESTION,
        "See below.",
    ),
    (
        "bold hdr",
        "Hello\n\n*From: *John\n*Sent: *Tuesday\n*To: *Maria\n*Subject: *x\n\n" + QUESTION,
        "Hello",
    ),
    (
        "on wrapped3",
        "Hello\n\n"
        "On Tue, Apr 5, 2022 at 10:00 AM\n"
        "John Very Long Name via Some Forum\n"
        "<noreply@example.org>\n"
        "wrote:\n"
        "> " + QUESTION,
        "Hello",
    ),
    (
        "wrote with date after",
        "Hello\n\nJohn Doe wrote on 04/05/2022 10:00 AM:\n> " + QUESTION,
        "Hello",
    ),
    (
        "wrote with date after unq",
        "Hello\n\nJohn Doe wrote on 04/05/2022 10:00 AM:\n" + QUESTION,
        "Hello",
    ),
    (
        "newsgroup",
        "In article <abc@example.org>, john@example.org says...\n> " + QUESTION + "\n\nHello",
        "Hello",
    ),
    (
        "quoted name",
        'Hello\n\n"John Doe" <a@example.org> writes:\n\n> ' + QUESTION + "\n\nMore",
        "Hello More",
    ),
    (
        "bestuzen",
        "Hello\n\nBest,\nJohn\n\nOn Tue, Apr 5, 2022, 10:00 X <a@example.org> wrote:\n\n> " + QUESTION,
        "Hello",
    ),
    (
        "name only after blank",
        "Hello there, this works for me.\n\n"
        "John\n\n"
        "On Tue, Apr 5, 2022, 10:00 X <a@example.org> wrote:\n\n"
        "> " + QUESTION,
        "Hello there, this works for me. John",
    ),
    (
        "cc hdr",
        "Hello\n\n"
        "From: John <a@example.org>\n"
        "Date: Tuesday, April 5, 2022 at 10:00 AM\n"
        "To: x <x@example.org>\n"
        "Cc: y <y@example.org>,\n"
        " z <z@example.org>\n"
        "Subject: RE: something long\n"
        " that wraps\n\n" + QUESTION,
        "Hello",
    ),
    (
        "yahoo mobile",
        "Hello\n\n"
        "Sent from Yahoo Mail on Android \n"
        " \n"
        "  On Tue, Apr 5, 2022 at 10:00, John<a@example.org> wrote:   " + QUESTION + "\n",
        "Hello",
    ),
    (
        "windows phone",
        "Hello\n\n"
        "Sent from my Windows Phone\n"
        "________________________________\n"
        "From: John<mailto:a@example.org>\n"
        "Sent: 05/04/2022 10:00\n"
        "To: x\n"
        "Subject: y\n\n" + QUESTION,
        "Hello",
    ),
    (
        "blackberry",
        "Hello\n\nSent via BlackBerry from T-Mobile\n\n-----Original Message-----\nFrom: John\n" + QUESTION,
        "Hello",
    ),
    (
        "ru outlook fw",
        "Да\n\n-----Исходное сообщение-----\nОт: x\n" + QUESTION,
        "Да",
    ),
    (
        "ru iphone",
        "Да\n\nОтправлено с iPhone\n\n> 5 апр. 2022 г., в 10:00, John <a@example.org> написал(а):\n> \n> " + QUESTION,
        "Да",
    ),
    (
        "ru yandex",
        'Да\n\n05.04.2022, 10:00, "John" <a@example.org>:\n' + QUESTION,
        "Да",
    ),
    (
        "ru mail",
        "Да\n\n"
        "--\n"
        "Отправлено из Mail.ru для Android вторник, 05 апреля 2022г., 10:00 +03:00 от John "
        "a@example.org:\n\n"
        ">" + QUESTION,
        "Да",
    ),
    (
        "et mail.ee",
        "JAH\n\n"
        "Kuupäev: T, 5. aprill 2022 10:00\n"
        "Saatja: John <a@example.org>\n"
        "Saaja: mari@example.org\n"
        "Teema: x\n\n" + QUESTION,
        "JAH",
    ),
    (
        "et zone",
        "JAH\n\nMari Maasikas\n\n2022-04-05 10:00, Teekond kirjutas:\n> " + QUESTION,
        "JAH Mari Maasikas",
    ),
    (
        "et samsung wrote",
        "JAH\n\nTeekond <a@example.org> kirjutas teisipäeval, 5. aprillil 2022 10:00:\n" + QUESTION,
        "JAH",
    ),
    (
        "et: Kirjutas alguses",
        "JAH\n\nKirjutas Teekond (5.04.2022 10:00):\n> " + QUESTION,
        "JAH",
    ),
    (
        "et apple date first",
        "JAH\n\n5. apr 2022, kell 10:00, kirjutas Teekond <a@example.org>:\n\n" + QUESTION,
        "JAH",
    ),
    (
        "et Tsitaat",
        "JAH\n\nTsiteerides Teekond <a@example.org>:\n\n> " + QUESTION,
        "JAH",
    ),
    (
        "en quoting",
        "Yes\n\nQuoting Teekond <a@example.org>:\n\n> " + QUESTION,
        "Yes",
    ),
    (
        "et neljap",
        "JAH\n\nN, 7. aprill 2022 kell 10:00 Teekond <a@example.org>\nkirjutas:\n\n> " + QUESTION,
        "JAH",
    ),
    (
        "names above the phone's line",
        "Puudus:\n\nKarl Kask\nSaadetud minu iPhone'ist",
        "Puudus:\n\nKarl Kask",
    ),
    (
        "names after thanks",
        "Tere\n\nAitäh\n\nKarl Kask\nDiana Sepp",
        "Tere\n\nAitäh\n\nKarl Kask\nDiana Sepp",
    ),
]

PAGES = [
    (
        "gmail",
        '<div dir="ltr">JAH</div><br><div class="gmail_quote gmail_quote_container"><div '
        'dir="ltr" class="gmail_attr">Kontakt Teekond (&lt;<a '
        'href="mailto:v@example.org">v@example.org</a>&gt;) kirjutas kuupäeval T, 5. aprill 2022 '
        'kell 10:00:<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px '
        '0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex">' + PAGE_QUESTION + "</blockquote></div>",
        "JAH",
    ),
    (
        "gmail inline",
        '<div dir="ltr"><div class="gmail_quote"><div class="gmail_attr">On Tue '
        'wrote:<br></div><blockquote class="gmail_quote">'
        + PAGE_QUESTION
        + '</blockquote><div>JAH tuleme</div><blockquote class="gmail_quote">'
        + PAGE_QUESTION
        + "</blockquote><div>Karl ei tule</div></div></div>",
        "JAH tuleme Karl ei tule",
    ),
    (
        "outlook web",
        '<html><body><div style="font-family:Calibri">JAH</div><div id="appendonsend"></div><hr '
        'style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" '
        'dir="ltr"><font face="Calibri"><b>Saatja:</b> Teekond<br><b>Saadetud:</b> '
        "teisipäev<br></font></div><div>" + PAGE_QUESTION + "</div></body></html>",
        "JAH",
    ),
    (
        "outlook desktop",
        '<div class="WordSection1"><p class="MsoNormal">Ei saa tulla.<o:p></o:p></p><p '
        'class="MsoNormal"><o:p>&nbsp;</o:p></p><div><div style="border:none;border-top:solid '
        '#E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal"><b>Xyz:</b> Teekond '
        "&lt;v@example.org&gt;<br><b>Foo:</b> teisipäev<br><b>Bar:</b> mari<br></p></div></div>"
        + PAGE_QUESTION
        + "</div>",
        "Ei saa tulla.",
    ),
    (
        "outlook desktop et",
        "<div class=WordSection1><p class=MsoNormal>Ei saa tulla.</p><p "
        "class=MsoNormal><b>From:</b> Teekond &lt;v@example.org&gt; <br><b>Sent:</b> Tuesday, "
        "April 5, 2022 10:00 AM<br><b>To:</b> Mari<br><b>Subject:</b> x</p>" + PAGE_QUESTION + "</div>",
        "Ei saa tulla.",
    ),
    (
        "apple",
        '<html><body>JAH<br><div><br></div><div id="lineBreakAtBeginningOfSignature"></div><div '
        'dir="ltr">Saadetud minu iPhone\'ist</div><div dir="ltr"><br><blockquote '
        'type="cite">Teekond &lt;v@example.org&gt; kirjutas 5. apr 2022 kell '
        '10:00:<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">'
        + PAGE_QUESTION
        + "</div></blockquote></body></html>",
        "JAH",
    ),
    (
        "thunderbird bottom",
        '<div class="moz-cite-prefix">5.04.22 10:00 Teekond kirjutas:<br></div><blockquote '
        'type="cite" cite="mid:x">'
        + PAGE_QUESTION
        + '</blockquote><p>JAH</p><div class="moz-signature">-- <br>Mari</div>',
        "JAH",
    ),
    (
        "roundcube",
        '<p>JAH</p><p id="reply-intro">On 2022-04-05 10:00, Teekond wrote:</p><blockquote '
        'type="cite" style="padding: 0 0.4em; border-left: #1010ff 2px solid; margin: 0"><div '
        'id="replybody1">' + PAGE_QUESTION + "</div></blockquote>",
        "JAH",
    ),
    (
        "roundcube top sig",
        '<p>JAH</p><div id="_rc_sig">-- <br>Mari</div><p id="reply-intro">05.04.2022 10:00 '
        "kirjutas Teekond:</p><blockquote>" + PAGE_QUESTION + "</blockquote>",
        "JAH",
    ),
    (
        "yahoo",
        '<div class="ydp1234yahoo-style-wrap"><div>JAH</div></div><div '
        'id="ydpabyahoo_quoted_123" class="ydpabyahoo_quoted"><div>On Tuesday, April 5, 2022, '
        "Teekond wrote:</div><div>" + PAGE_QUESTION + "</div></div>",
        "JAH",
    ),
    (
        "samsung",
        '<div>JAH</div><div><br></div><div id="composer_signature">Saadetud minu Samsung Galaxy '
        "nutitelefonist.</div><div><br></div><div>-------- Algne sõnum "
        "--------</div><div>Saatja: Teekond</div><div>Kuupäev: 5.4.22</div>" + PAGE_QUESTION,
        "JAH",
    ),
    (
        "outlook ios",
        '<div dir="ltr">JAH</div><div id="ms-outlook-mobile-signature"><div>Hankige <a '
        'href="https://aka.ms/o0ukef">Outlook for iOS</a></div></div><div '
        'id="mail-editor-reference-message-container"><hr><div id="divRplyFwdMsg"><b>From:</b> '
        "T</div>" + PAGE_QUESTION + "</div>",
        "JAH",
    ),
    (
        "proton",
        '<div>JAH</div><div class="protonmail_signature_block">Sent with Proton Mail</div><div '
        'class="protonmail_quote">On Tuesday, April 5th, 2022 at 10:00, T &lt;v@example.org&gt; '
        'wrote:<br><blockquote class="protonmail_quote" type="cite">' + PAGE_QUESTION + "</blockquote></div>",
        "JAH",
    ),
    (
        "gmx",
        '<div>JAH</div><div name="quote" style="margin:10px"><div><b>Gesendet:</b> x</div>' + PAGE_QUESTION + "</div>",
        "JAH",
    ),
    (
        "hidden",
        '<div style="display:none;max-height:0">EI peidetud</div><p>JAH</p><span '
        'style="font-size:0px">EI</span><p hidden>EI</p><script>EI</script><style>EI</style><!-- '
        "EI -->",
        "JAH",
    ),
    (
        "indent",
        '<blockquote style="margin:0 0 0 40px;border:none;padding:0px">JAH</blockquote>',
        "JAH",
    ),
    (
        "marker",
        '<p>JAH</p><div><p style="color:#999">##- Please reply above this line -##</p>' + PAGE_QUESTION + "</div>",
        "JAH",
    ),
    (
        "x_ prefixed",
        '<div>JAH</div><div id="x_divRplyFwdMsg">From</div>' + PAGE_QUESTION,
        "JAH",
    ),
    (
        "table",
        "<table><tr><td>12.07</td><td>1,5 h</td></tr><tr><td>19.07</td><td>45 min</td></tr></table>",
        "12.07 1,5 h 19.07 45 min",
    ),
    (
        "bold decimal",
        "<p>Kokku <b>4,5</b> h</p>",
        "Kokku 4,5 h",
    ),
    (
        "br lines",
        "Tere<br>JAH<br><br>Mari",
        "Tere JAH Mari",
    ),
    (
        "zimbra",
        '<div>JAH</div><hr id="zwchr" data-marker="__DIVIDER__"><div '
        'data-marker="__HEADERS__"><b>From: </b>x</div><div data-marker="__QUOTED_TEXT__">' + PAGE_QUESTION + "</div>",
        "JAH",
    ),
    (
        "spark",
        '<div name="messageBodySection">JAH</div><div '
        'name="messageSignatureSection">Mari</div><div name="messageReplySection">On 5 Apr 2022, '
        "T wrote:<blockquote>" + PAGE_QUESTION + "</blockquote></div>",
        "JAH",
    ),
    (
        "nested rest in bq",
        '<p>JAH</p><blockquote type="cite"><div id="divRplyFwdMsg">x</div>'
        + PAGE_QUESTION
        + "</blockquote><p>lisaks tuleb Karl</p>",
        "JAH lisaks tuleb Karl",
    ),
    (
        "answer in signature div",
        '<div id="Signature"><p>JAH</p></div><div id="appendonsend"></div><div '
        'id="divRplyFwdMsg">x</div>' + PAGE_QUESTION,
        "JAH",
    ),
    (
        "outlook classic pt",
        "<div class=WordSection1><p class=MsoNormal>JAH</p><div "
        "style='border:none;border-top:solid #B5C4DF 1.0pt;padding:3.0pt 0in 0in 0in'><p "
        "class=MsoNormal><b><span>From:</span></b><span> T [mailto:v@example.org] "
        "<br></span></p></div>" + PAGE_QUESTION + "</div>",
        "JAH",
    ),
    (
        "mso div border only quote",
        '<p>JAH</p><div style="border:none;border-left:solid blue 1.5pt;padding:0cm 0cm 0cm '
        '4.0pt"><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm '
        '0cm 0cm"><p><b>Saatja:</b> T</p></div></div>' + PAGE_QUESTION + "</div>",
        "JAH",
    ),
    (
        "windows mail",
        '<p>JAH</p><p>Saadetud rakendusest <a href="x">Mail</a> for Windows</p><div '
        'style="mso-element:para-border-div;border:none;border-top:solid #E1E1E1 '
        '1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class=MsoNormal '
        'style="border:none;padding:0cm"><b>From: </b><a '
        'href="mailto:v@example.org">T</a><br><b>Sent: </b>Tuesday</p></div>' + PAGE_QUESTION,
        "JAH",
    ),
]


@each("text, expected", [c[1:] for c in TEXTS + MORE_TEXTS])
def test_the_new_text_of_a_plain_reply(text: str, expected: str) -> None:
    assert quotes.cut_text(text).text.split() == expected.split()


@pytest.mark.parametrize(("html", "expected"), [c[1:] for c in PAGES], ids=[c[0] for c in PAGES])
def test_the_new_text_of_a_page(html: str, expected: str) -> None:
    assert quotes.cut(html_body.lines_of(html)).text.split() == expected.split()


@pytest.mark.parametrize("marker", MARKERS.values(), ids=MARKERS.keys())
@pytest.mark.parametrize("before", ["", "> ", ">> ", " ", "*", "| "])
def test_nothing_below_our_own_marker_is_new_text(marker: str, before: str) -> None:
    said = quotes.cut_text(f"JAH\n\n{before}{marker}\n{before}{QUESTION}\n")
    assert said.text == "JAH"
    assert "EI" in said.quoted
    assert said.has_quote


def test_a_marker_in_the_middle_of_a_sentence_is_still_a_marker() -> None:
    assert quotes.cut_text(f"JAH\nTeekond: {MARKERS['et']} {QUESTION}\nEI").text == "JAH"


@each("text, expected", [c[1:] for c in TEXTS + MORE_TEXTS])
def test_no_word_vanishes_without_a_trace(text: str, expected: str) -> None:
    said = quotes.cut_text(text)
    kept = (said.text + " " + said.quoted).replace(">", " ").split()
    assert sorted(text.replace(">", " ").split()) == sorted(kept)


def test_a_signature_alone_is_the_text_after_all() -> None:
    assert quotes.cut_text("Lugupidamisega\nMari Maasikas").text == "Lugupidamisega\nMari Maasikas"


def test_a_quote_alone_says_nothing() -> None:
    said = quotes.cut_text(f"> {QUESTION}\n> JAH")
    assert said.text == ""
    assert said.has_quote


def test_a_reply_without_a_quote_has_none() -> None:
    assert not quotes.cut_text("JAH\n\nMari").has_quote


def test_an_answer_after_thanks_is_no_signature() -> None:
    assert "ei tule" in quotes.cut_text("JAH\n\nTänan\nKarl ei tule").text


def test_a_long_thread_nests_deeply_and_text_below_it_stays() -> None:
    html = "<p>JAH</p>" + "<blockquote>" * 600 + "EI" + "</blockquote>" * 600 + "<p>lisaks tuleb Karl</p>"
    assert quotes.cut(html_body.lines_of(html)).text.split() == ["JAH", "lisaks", "tuleb", "Karl"]


def test_a_page_too_deep_to_read_says_nothing_and_does_not_fail() -> None:
    assert quotes.cut(html_body.lines_of("<div>" * 50_000 + "JAH")).text in ("", "JAH")


def test_a_hidden_quote_node_below_hides_the_rest_only_outside_quotes() -> None:
    lines = html_body.lines_of('<blockquote><div id="divRplyFwdMsg">x</div></blockquote><p>JAH</p>')
    assert all(line.mark is not LineMark.REST for line in lines)


SEEDS = [
    ">", "> ", ">\n", "\n", " \n", "-", "--\n", "-- \n", "_", "=", "*", " ", "\t", "On ", "On 1\n",
    "wrote:\n", "wrote: ", "kirjutas:\n", "On 5.04.2022 10:00 a@example.org wrote:\n", "From: a\n",
    "From: a@b\n\n", "a:\n", ":", "@", "a@b ", "<", "Mvh\n", "Tänan\n", "Mvh, ", "Sent from ",
    "Saadetud minu ", "2022", "1.1.", "12:30 ", "2022-01-01 10:00 GMT\n", "|\n", "C> a\n", "Aa", "PS\n",
    "see e-kiri ", "caution ", "Original Message\n", "----- x -----\n", "Get Outlook for ", "A. B. C.\n",
    "+372 5555 ", "tel: ", "##-", "é", "́", "a\n> b\n", "on\n\n", "Da: x\nA: y\n", "Von ", "JAH\n\n",
]  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
def test_hostile_text_is_cut_in_linear_time(seed: str) -> None:
    """64 KiB take a twentieth of a second at most; ten times that is left for a slow machine."""
    text = (seed * (65_536 // len(seed) + 1))[:65_536]
    begin = time.process_time()
    quotes.cut_text(text)
    quotes.cut_text("tere\n\n" + text + "\n\nwrote:\n")
    assert time.process_time() - begin < 1.0


@pytest.mark.parametrize(
    "own", ["JAH", "Jah, tuleme.", "EI, olen haige", "Kahjuks läks kõik teisiti, palun helistage!"]
)
@pytest.mark.parametrize(
    "introduction",
    [
        "2022-07-12 10:00 kirjutas Koosloome programm:",
        "2022-07-12 10:00 \nkirjutas Koosloome programm:",
        "5. aprill 2022 10:00 Koosloome kirjutas:",
        "05.04.2022 10:00 Koosloome kirjutas:",
        "Kuupäeval T, 5. aprill 2022 kell 10:00 kirjutas Koosloome <koosloome@example.org>:",
        "On Tue, 2022-04-05 at 06:00 +0000, Koosloome programm wrote:",
        "On Tue, 2022-04-05 at 06:00 +0000, Koosloome programm\nwrote:",
        "On Tue, Apr 5, 2022 at 10:00 AM Koosloome <koosloome@example.org> wrote:",
    ],
)
def test_words_typed_on_the_line_of_the_introduction_stay(own: str, introduction: str) -> None:
    """Where a program puts the cursor just before its introduction, nothing stands between the two."""
    quote = "\n> Kas tulete?\n> Vastake JAH või EI.\n"
    assert quotes.cut_text(own + introduction + quote).text == own
    assert quotes.cut_text(f"{own}\n{introduction}{quote}").text == own
    assert quotes.cut_text(f"{introduction}{quote}").text == ""


@pytest.mark.parametrize("label", sorted(one for one in LABEL_KIND if len(one) < 4 and one.isascii()))
def test_an_answer_that_begins_like_a_label_of_another_language_is_kept(label: str) -> None:
    """ "No:" is From in Latvian, "Kas:" is To in Lithuanian: above an Outlook block they are a person's words."""
    block = "From: Teekond <r-x@example.org>\nSent: 5 April 2022\nTo: Mari\nSubject: JAH\n\n" + QUESTION
    text = f"{label.upper()}: nobody came that day\n\n________________\n{block}"
    assert quotes.cut_text(text).text == f"{label.upper()}: nobody came that day"
