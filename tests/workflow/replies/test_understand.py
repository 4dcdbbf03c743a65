"""Replies as clerks, volunteers, trainers and mentors write them, and what each must be read as.

A table a question; "¶" is a new line. What is not plainly one answer must come out unclear: these lines are as many
as the plain ones, because a wrong guess is worse than none.
"""

import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.case_table import each
from workflow.replies.answers import Answer, AnswerKind, Asked, ReplyContent
from workflow.replies.understand import understand

TODAY = date(2022, 8, 1)
KINDS = (
    "verify", "consent", "confirm_place", "rsvp", "roll_call", "homework", "review", "hours", "hours_check",
    "approve", "presentation",
)  # fmt: skip

ANY_YES = """
JAH
Jah
jah
jah.
Jah!
JAH!!!
jaa
Jaa!
jaaa
jep
Yes
YES
yes.
ok
OK!
Okei
okay
Tere! Jah.
Tere¶¶Jah¶¶Tervitades¶Mari Kask¶Näidisvalla valitsus
Jah, aitäh!
Jah, tänan.
Jah :)
Jah 👍
Jah, muidugi!
Muidugi
Jah, kindlasti
kinnitan
Kinnitan.
Kinnitan!
kinnitame
Jah, kinnitan
JAH, KINNITAN
Jah, kinnitame.
Tere päevast!¶Jah¶Parimat¶Jaan
Tere, Kadri!¶¶Jah.¶¶Heade soovidega¶Jaan Tamm¶tel +372 5555 0101
Tere hommikust¶jah¶mvh¶Piret
Yes, thank you!
Yes please
Hello,¶¶Yes.¶¶Best regards,¶John Smith
Hi!¶Yes, confirmed.¶Thanks¶Mary
Jah¶¶Toomas
Jah, palun
JAH¶¶Lugupidamisega¶Piret Tamm¶vallasekretär
Nõus
Jah, nõus
olen nõus
oleme nõus
Jah, oleme nõus!
Jah. Kena päeva!
Jah. Ilusat nädalavahetust!
Tänan kutse eest! Jah.
Aitäh! Jah
jah jah
Yes, confirmed
Yes, I confirm.
We confirm.
Yes we confirm
Sure
Of course!
Lp korraldajad¶¶Jah.¶¶Lugupidamisega¶Ülle
"""

ANY_NO = """
EI
Ei
ei
ei.
Ei!
EI!!
No
NO
no.
Ei, aitäh
Ei, tänan
Kahjuks ei
Kahjuks ei.
Tere! Kahjuks ei.
Paraku ei
Tere¶¶Ei¶¶Tervitades¶Mari Kask
No, thanks
No, sorry.
Unfortunately no
Tere,¶kahjuks ei.¶¶Parimat¶Jaan
Ei, kahjuks mitte
Kindlasti mitte
Ei, kindlasti mitte.
Ei :(
Ei, vabandust!
No, thank you!
Ei¶¶Toomas
"""

ANY_UNCLEAR = """
Jah?
jah, aga
Jah, aga ainult siis, kui saame tulla kolmekesi.
Jah, kui sobib
Jah, juhul kui ilm lubab
jah ja ei
jah/ei
Jah / Ei
JAH või EI
Jah või ei?
Jah. Ei.
Ei. Jah.
Ei, tegelikult jah
Ei jah
no jah
nojah
Jah... ei tea
ei tea
ei tea veel
Ma ei tea
Ei oska öelda
Ei oska praegu öelda.
Pole kindel
Ei ole kindel
ei ole veel kindel
Vist jah
vist
Ilmselt jah
Arvatavasti jah
Ma arvan, et jah
Arvan küll
Tõenäoliselt
Võib-olla
võibolla
ehk
Loodetavasti
Põhimõtteliselt jah
Üldiselt jah
Pigem jah
pigem ei
Jah, vist
Jah, ilmselt
Peaks sobima
Võiks küll
Sobiks küll
Annan teada
Annan homme teada
Anname hiljem teada.
Teatan esmaspäeval
Vastan hiljem
Kirjutan homme
Mõtlen veel
Mõtleme
Peame arutama
Arutame tiimiga ja anname teada
Räägime homme.
Helistan teile
Helistage mulle palun
?
???
👍
🙂
👌👌
...
-
.
!
1
+1
0
Miks mitte?
Miks mitte!
miks mitte
why not
Ei ole probleemi
pole probleemi
No problem
No worries
Ei ole midagi selle vastu
Ei, ma ei ole vastu
Mis kuupäeval see on?
Kas saaks hiljem vastata?
Kas see on kohustuslik
Mida see tähendab?
Kuidas ma vastan?
Maybe
maybe yes
Perhaps
Probably
Probably yes
I think so
I guess
I hope so
Not sure
Not sure yet
Not yet
Let me get back to you
Let me check and get back to you.
I will let you know tomorrow
I'll let you know
It depends
Depends on the date
Yes, but not on Monday
Yes, if my boss agrees
yes and no
Yes or no?
Yes, unless it rains
yes, provided that lunch is included
No idea
I don't know
I do not understand the question
What is this?
Can you tell me more?
Jah, kui Mari ka tuleb
Jah, tingimusel et aeg sobib
JAH, EELDUSEL ET KOHT ON OLEMAS
Jah, ainult mitte mina
Jah, järgmisel aastal
Jah, saime kirja kätte
Kiri käes
Saime kätte, aitäh
Sain teate kätte, tänan!
Aitäh!
Aitäh kirja eest!
Tänan info eest
Tere
Tere!
Tere päevast!¶¶Tervitades¶Mari
Vaatan üle
Jah, vaatan homme üle
Jah, loen läbi ja annan teada
Ok, vaatame
OK, annan teada
OK, mõtleme
ok, räägin juhiga
Edastan kolleegile
Mari vastab
Mari ütles, et jah
Jah ütles Mari
Jah, see on Mari otsustada
Veel mitte
Ei, veel mitte
Praegu veel ei
Hiljem
homme
Jah, homme
Ei leia linki
Vorm ei avane
Ma ei saa vormi lahti
Ei saanud kirjast aru
Ei, ma ei leidnud vormi
Ei. Ma ei saanud kirjast aru.
Link ei tööta
I can't open the link
да
Да, конечно
нет
Нет
Ja, gerne
Nein, danke
ja tack
Kyllä
Joo
Ei kiitos
En tiedä
Ei valitettavasti
Jā
Oui
Sí
Ei, kas saaks teisel ajal?
Jah, kas parkida saab?
Jah? Ma pole selles kindel
Ei, oota
Ei, ootame veel vastust
Jah, ei
Jah, ei saa
Jah, pole
Mitte jah
Ei ütle ei
Jah jah, küll jõuab
Jah, siiski on üks küsimus
Jah, kuid hilinemisega
Jah. Kuid palun muutke aega.
Jah. Aga kuidas sinna saab?
Jah. Palun helistage mulle enne.
Jah 🤔
jah 👎
🤷
Proovin
Püüan
Proovime ikka
Jah, proovin
Yes, I'll try
Yes, hopefully
Jah, loodan
jajah
jah, eks näis
Eks näis
Kui midagi vahele ei tule, siis jah
Jah, kui midagi vahele ei tule
Jah, v.a. esmaspäev
"Jah" või "Ei" ei ole mu vastus
Kui ei ole, vasta: EI
Vasta sellele kirjale: JAH. Kui ei ole, vasta: EI
Palun vastake sellele kirjale JAH või EI
Out of office
Olen puhkusel 15. augustini
Stop
unsubscribe
Palun ärge mulle enam kirjutage
Jah, palun ärge saatke
[x] JAH [ ] EI
Jah, pooled meist
Jah, vähemalt osaliselt
Osaliselt
50/50
Siin Mari, kellega ma räägin?
See pole vastus
Test
"""

VERIFY = {
    "yes": """
        Jah, see on meie taotlus.
        Jah, mina saatsin.
        Jah, meie saatsime
        Jah, taotlus on meie saadetud
        Taotlus on minu saadetud
        Taotlus on meie esitatud.
        Meie saatsime selle taotluse
        Saatsime taotluse
        Kinnitan taotluse
        Kinnitan, et saatsin taotluse.
        Kinnitame, et taotlus on meie saadetud
        Jah, taotlus on õige
        Jah, see olin mina.
        Jah, esitasime taotluse. Aitäh!
        Jah, saatsin ise selle taotluse.
        õige
        Jah, õige
        See on meie taotlus
        see on õige aadress
        Yes, that was us.
        Yes, it was me
        Yes, this is our application.
        Yes, we sent it
        We submitted the application
        I sent it.
        Correct
        That's correct.
        Yes, that is correct
        jah taotlus on meie
        JAH, TAOTLUS ON MEIE
        Tere! Kinnitan, et taotlus on minu esitatud.¶¶Tervitades¶Jaan
        Jah, ootame huviga!
    """,
    "no": """
        Ei, see pole meie taotlus
        Ei, meie ei saatnud
        Ei ole meie saadetud
        See ei ole meie taotlus.
        Mina ei saatnud.
        Ma ei ole mingit taotlust saatnud
        Me pole taotlust esitanud
        Ei ole saatnud
        Pole saatnud
        Ei, me ei ole teile ühtegi taotlust saatnud.
        EI, see on eksitus
        Ei. Keegi on meie nime kasutanud.
        No, that wasn't us.
        No, I did not send this.
        It wasn't me
        We did not submit an application
        I didn't apply
        That was not us
        Not mine
        Ei, eksisite aadressiga.
        Ei, mina selle meeskonna liige ei ole
        pole meie taotlus
    """,
    "unclear": """
        Jah, aga kontaktisik on teine.
        Jah, kuid palun muutke telefoninumbrit
        Kas Mari saatis?
        Ma ei mäleta, kas saatsin
        Saatsime, aga vale failiga
        Tahaksime taotlust muuta
        Taotlus
        Ei saanud veel saata
        Jah, saadame homme
        Küsin Mari käest üle
        Jah, saatsime, kuid soovime ühe liikme vahetada
        Jah, tühistage see
        Jah, loobume
        meie
        Taotluse saatis vist Mari
        Which application do you mean?
        We sent two of them, please ignore the first
    """,
}

CONSENT = {
    "yes": """
        Jah, kuulun
        Kuulun
        Jah, kuulun sellesse meeskonda.
        Olen nõus
        Nõustun
        Jah, olen selle meeskonna liige
        Jah, osalen
        Yes, I am a member
        I agree
        Yes, I'm on the team.
    """,
    "no": """
        Ei kuulu
        Ei, ei kuulu
        Ma ei kuulu sellesse meeskonda
        Ei, ma ei kuulu sinna meeskonda.
        Ma ei ole selle meeskonna liige
        Ei ole nõus
        Ei nõustu
        Ei soovi osaleda
        Ma ei soovi selles osaleda.
        Palun eemaldage mind nimekirjast
        Palun võtke mu nimi maha
        I am not on this team
        I'm not a member of this team.
        Please remove me
        Ei, minult pole luba küsitud.
        Ei osale
    """,
    "unclear": """
        Mis meeskond see on?
        Kuulun, aga ei saa osaleda
        Ei tea sellest midagi
        Kuulusin eelmisel aastal
        Jah, aga minu andmeid ärge avaldage
        Kes mu nime sinna pani?
    """,
}

CONFIRM_PLACE = {
    "yes": """
        Kinnitame koha.
        kinnitame koha
        Kinnitame oma koha programmis!
        Kinnitame osalemise
        Kinnitame oma osalemist
        Jah, kinnitame koha. Aitäh!
        Võtame koha vastu
        Votame koha vastu
        VÕTAME KOHA VASTU!
        Võtame selle koha rõõmuga vastu.
        Võtame koha suurima hea meelega vastu!
        Jah, võtame koha vastu.
        Jah, osaleme
        Osaleme!
        Osaleme rõõmuga.
        Osaleme hea meelega
        Tuleme!
        Tuleme kindlasti!
        Jah, tuleme kogu meeskonnaga.
        Sobib
        Meile sobib
        Jah, sobib väga hästi
        Nõustume
        Oleme nõus ja osaleme
        Meie meeskond osaleb
        Kinnitan meie meeskonna osalemise
        Kinnitan, et meie meeskond osaleb
        Kinnitame, et osaleme programmis.
        Tere! Täname võimaluse eest. Kinnitame koha.¶¶Tervitades¶Anu Tamm
        Jah! Oleme väga rõõmsad, et osutusime valituks!
        Jah, suur rõõm!
        Jah, ootame põnevusega
        Kinnitame koha ja ootame põnevusega algust.
        kinnitame koik sobib
        Jah, meeskond on valmis
        Lööme kaasa!
        Oleme kambas
        jah kinnitame koha
        Yes, we confirm
        Yes, we confirm our place.
        We accept the place
        We accept, thank you!
        We are happy to accept the offer
        We gladly accept.
        Yes, we will participate
        We will participate
        We're in!
        Count us in
        Yes, we'll take the place.
        Yes! We are very excited.
        Confirmed
        We hereby confirm our participation
        Koht kinnitatud
        Jah, kinnitame. Näeme töötoas!
        Aitäh, võtame vastu!
        Suur tänu, kinnitame koha
    """,
    "no": """
        Loobume
        Loobume kohast
        Kahjuks loobume
        Kahjuks peame loobuma.
        Peame kahjuks kohast loobuma
        Oleme otsustanud loobuda
        Otsustasime loobuda
        Kahjuks ei saa osaleda
        Me ei saa kahjuks osaleda.
        Ei osale
        Me ei osale sel aastal
        Meie meeskond ei osale
        Ei saa osaleda
        Ei võta kohta vastu
        Me ei võta kohta vastu
        Ei saa kohta vastu võtta
        Kahjuks ei saa me kohta vastu võtta, kaks liiget lahkusid vallast.
        Ei kinnita
        EI, kolime ära
        Ei, meie meeskond lagunes.
        Ei saa tulla
        ei soovi osaleda
        Ütleme koha ära
        Ütleme seekord ära
        Loobume kohast, sest kaks liiget vahetasid töökohta.
        Me loobume, palun pakkuge koht teistele.
        We decline
        We have to decline.
        Unfortunately we must decline
        Unfortunately, we cannot participate
        Sorry, we can't participate this year.
        We will not participate
        We are unable to participate.
        We give up our place
        No, we won't participate
        No, we have decided not to participate.
        Tere! Arutasime ja otsustasime kohast loobuda. Vabandust!¶¶Tervitades¶Anu
        Olen praegu haige, kahjuks peame loobuma.
        Kahjuks ei, aga aitäh!
        Ei saa osaleda, aga edu teile!
    """,
    "unclear": """
        Jah, aga kas saaksime alustada nädal hiljem?
        Kinnitame koha, kui saame osaleda kolmekesi
        Kinnitame homme
        Kinnitame hiljem
        Kinnitame koha juhul kui kuupäevad sobivad
        Kinnitaksime koha hea meelega
        Võtaksime koha vastu
        Tahaksime osaleda
        Soovime osaleda
        Osaleme, kuid mitte kõik
        Osaleme ainult mentorlusel
        Osaleme osaliselt
        Osaleme veebis
        Ei loobu
        Me ei loobu
        Ei, me ei loobu!
        Ei, me ei taha loobuda
        Ei taha kohta ära anda
        Loobume, kui kuupäevi ei muudeta
        Loobumisest pole juttugi
        Kas loobume?
        Peame vist loobuma
        Kaalume loobumist
        Mõtleme loobumisele
        Võib-olla loobume
        Ei kinnita ega loobu
        Ei saa praegu kinnitada
        Ei saa veel kinnitada
        Ei saa kinnitada enne reedet
        Ei jõua tähtajaks vastata
        Ei oska enne volikogu otsust öelda
        Volikogu otsustab reedel
        Koht
        Palun pikendage tähtaega
        Sobib, kui saame mentoriks Tiina
        Sobib küll, kuigi kuupäevad on halvad
        Kinnitame teise kuupäeva
        Kinnitame, et saime kirja kätte
        Kinnitan kirja kättesaamist
        Jah, loobume
        Jah, me ei osale
        We would love to
        We would like to participate
        We accept if the dates change
        We might accept
        We will decide tomorrow
        We'll confirm later
        We will confirm by Friday
        We can confirm only next week
        Can we confirm tomorrow?
        We are not declining
        No, we are not going to decline!
        Not only do we accept, we celebrate
        Yes, we decline
        Jah, meie asemel tuleb teine meeskond
        Kuni kolmas liige leitud, kinnitada ei saa
        Jah, broneerige meile ka hotell.
        Ei ole kahtlust
        Kahtlemata
        Osaleme kindlasti järgmisel aastal
        Sobib, aga me vahetame ühe liikme
        Kõik ei osale
    """,
}

RSVP = {
    "yes": """
        Tulen
        tulen!
        Tuleme
        Osalen
        Osalen.
        osaleme
        Jah, tulen
        Jah, osalen.
        jah tulen
        Tulen kohale
        Tulen kindlasti
        Olen kohal
        Olen kohal!
        Jah, olen kohal.
        Olen olemas
        Saan tulla
        Saan osaleda
        Jah, saan tulla
        Jõuan
        Jõuan kohale
        Sobib
        Sobib, tulen
        mulle sobib
        Sobib hästi!
        Kinnitan osalemist
        Kinnitan oma osalemise
        Osalen töötoas
        Osalen seminaril
        Tulen töötuppa
        Osalen infopäeval.
        Võtan osa
        Pange mind kirja
        Osalen, tulen koos tooteomanikuga.
        Tulen rõõmuga!
        Tulen hea meelega
        Näeme! Tulen.
        Jah, näeme!
        Jah, kohtumiseni!
        Tere! Osalen. Kohtumiseni!¶Mari
        Tulen meie meeskonnast
        I'll be there
        I will be there.
        Yes, I will attend.
        I will attend
        I'm coming
        Coming!
        Yes, I'm coming
        I can make it
        Count me in
        See you there!
        Works for me
        Yes, see you there
        I will participate
        Accepted
        olen platsis
        OSALEN
        Jah, tuleme kahekesi
        Jah, jõuan küll.
        Osaleme kogu meeskonnaga
    """,
    "no": """
        Ei tule
        Ei osale
        Ei saa tulla
        Ei saa kahjuks tulla
        Kahjuks ei saa tulla
        Kahjuks ei saa ma tulla.
        Ma ei saa osaleda
        Kahjuks ei saa osaleda.
        Ei saa kahjuks tulla, olen sel päeval lennukis.
        Kahjuks ei saa osaleda, olen haige.
        Olen haige, ei saa tulla.
        Ei jõua
        Ei jõua kohale
        Kahjuks ei jõua
        Mulle ei sobi
        Ei sobi
        Puudun
        Kahjuks puudun, laps on haige
        Ei, olen puhkusel
        Ei, mul on teine koolitus
        EI olen reisil
        Seekord ei saa
        Seekord kahjuks ei saa osaleda
        Homme ei saa tulla
        Ei saa tulla, sest auto läks katki.
        Ei saa tulla kuna olen tööl
        Ei saa tulla, aga edu teile!
        kahjuks ei saa tulla
        KAHJUKS EI SAA TULLA
        ei saa kahjuks osaleda olen valves
        I can't come
        I cannot attend
        I can't make it
        Unfortunately I can't make it.
        Sorry, I won't be able to attend.
        I will not attend
        I am unable to attend
        I'm not coming
        No, I can't
        No, I'm away that week.
        Declined
        Can't make it, sorry
        Unfortunately I will not be able to join
        I'm afraid I can't come, I am ill.
        Ei pääse tulema
        Mina ei saa, tuleb Mari
        Ma ei tule
        Tere!¶Ma kahjuks ei saa tulla.¶¶Tervitades¶Mari
    """,
    "unclear": """
        Tulen, kui saan lapsehoidja
        Tulen vist
        Võib-olla tulen
        Tulen võimalusel
        Proovin tulla
        Püüan kohale jõuda
        Tulen ainult hommikul
        Tulen pärast lõunat
        Tulen hiljem
        Hilinen
        Jõuan kella 12ks
        Tulen 6. aprillil
        Tulen järgmine kord
        Tulen teise rühmaga
        Tulen või ei tule
        Ei tea, kas tulen
        Ei tule kõne allagi, et ma puudun
        Ei saa tulemata jätta
        Ei saa mitte tulla
        Ei saa öelda
        Ei jõua praegu vastata
        Ei saa enne reedet öelda
        Jah, aga Mari ei saa
        Mina tulen, Mari ei tule
        Kõik ei tule
        Mari ei saa tulla
        Mari tuleb
        Osalen veebi teel
        Kas saab ka veebis osaleda?
        Kas ma pean tulema?
        Ei saa tulla, kas saab veebis?
        Tuleksin hea meelega
        Tuleks tulla
        Oleksin tulnud
        Sooviksin osaleda
        Mul ei ole takistusi
        Ei näe takistust
        Ei välista
        Ei luba
        võib-olla jõuan, ei luba
        I might come
        I'd love to come
        I would come
        I'll try to be there
        I will come if I can
        I can come only until noon
        I can come after 12
        I will come late
        Coming, unless my train is late
        I don't think I can
        I don't know if I can come
        I'm not sure I can attend
        Not only me, my colleague is coming too
        I'm not not coming
        Yes, I can't come
        Is it online?
        I'm coming?
        Vaata, kas sina saaksid minna?
        Ei tule, või siiski tulen
        Tulen!¶¶PS. Kahjuks siiski ei saa.
        Jah, tulen homme kontorisse ja siis vaatan
    """,
}

HOURS_CHECK = {
    "yes": """
        Jah, õige
        Jah, kõik õige
        Õige
        Kõik on õige
        Tunnid on õiged
        Jah, tunnid klapivad.
        Klapib
        Kõik klapib
        Jah, tunnid õiged, aitäh!
        Kinnitan tunnid
        Vastab tõele
        Jah, kohtumised toimusid
        Sobib
        Correct
        Yes, correct
        Yes, the hours are correct.
        All correct
        Kinnitame. Mentor oli väga tubli!
    """,
    "no": """
        EI: 19. juuli kohtumine jäi ära.
        Ei, meil oli ainult üks tund
        Ei, tunde oli vähem
        Ei klapi
        Ei ole õige
        Pole õige
        Vale
        Ei kinnita
        Tunnid ei klapi
        EI: kohtumist ei olnud, aga rääkisime telefonis
        No, there was only one meeting
        No: we met only once
        NO: the 19 July meeting did not happen
        Not correct
        Wrong
        EI - kohtumine oli tunni pikkune
        ei, 19.07 ei toimunud
        EI 19.07 kohtumist ei toimunud
    """,
    "unclear": """
        Vist õige
        Enam-vähem
        Enam-vähem õige
        Peaaegu õige
        Jah, aga 19. juulil oli 1 h
        Jah, kuigi üks kohtumine jäi ära
        Õige, kui reisiaeg sisse arvata
        Ei mäleta
        Ei oska öelda, küsin Marilt
        Kes neid tunde kontrollib?
        Osa on õige
        2 tundi
        Jah, ainult teine kohtumine oli lühem
        Ei ole vale
        Not wrong
        Mostly correct
        I think it's right
        Tunnid
        Õige või vale?
    """,
}

APPROVE = {
    "yes": """
        Luban
        Lubatud
        Jah, lasta edasi
        Võib edasi minna
        Las läheb
        Jah, võib
        Approved
        Go ahead
        Yes, go ahead
        Yes, approved.
        Sobib
        Jah, mentor on olemas
        Jah, kõik on korras
        Teeme ära
        Kinnitan otsuse
        Kiidan heaks
    """,
    "no": """
        EI, mentorit pole veel leitud.
        EI: kodutöö on puudu
        Ei luba
        Ei kinnita
        Ei ole nõus
        Ei, nad pole kodutööd esitanud
        EI: ootame, kuni mentor on leitud
        No, not approved
        Not approved
        Rejected
        No, they have not sent the plan.
        EI: liiga vara, aga varsti võib
        Ei lase edasi
        EI - lepingut ei ole
        EI. Leping on allkirjastamata.
    """,
    "unclear": """
        Räägime homme koosolekul.
        Veel mitte
        Hetkel veel mitte
        Ootame
        Ootame nädala
        Jah, kui mentor on olemas
        Jah, pärast lepingut
        Luban, kui kodutöö on esitatud
        Ei, enne tahan rääkida
        Ei veel
        Ma ei ole vastu
        Ei näe põhjust keelduda
        Ei ole põhjust mitte lubada
        No objections
        Jah, aga saatke neile meeldetuletus
        Las nad enne esitavad
        Kas mentor on olemas?
        Not now
        Let's talk first
        Pole mõtet oodata
        Jah, esmaspäeval
        OK, aga hiljem
    """,
}

REVIEW = {
    "yes": """
        Vastu võetud
        Vastu võetud!
        Jah, vastu võetud.
        JAH, VASTU VÕETUD
        Võtan vastu
        Võtan töö vastu
        Töö on vastu võetud
        Kodutöö vastu võetud, tubli töö!
        Arvestatud
        Jah, väga hea töö!
        Jah, tubli meeskond!
        Jah. Väga põhjalik ja hästi läbi mõeldud töö.
        Sobib
        Accepted
        Accepted, good work!
        Yes, great job!
        Yes, accepted.
        Approved
        Aktsepteerin
    """,
    "return": """
        TAGASI: lisage konkurentide võrdlus ja allikad.
        Tagasi: hinnastus on puudu.¶Ja sihtrühm on liiga lai.
        tagasi: eelarve puudub
        tagasi - palun lisage eelarve
        TAGASI, palun täpsustage sihtrühma
        Tagasi. Eelarve on puudu.
        TAGASI¶Lisage allikad.
        TAGASI! Eelarve puudub.
        Tagasi palun lisage eelarve
        TAGASI liiga üldine
        Palun tagastage: eelarve puudub
        TAGASI: kes on klient? Kirjutage see lahti.
        Tere!¶TAGASI: eelarve on puudu.¶Tervitades¶Tiina
        return: please add the budget
        Return: the budget is missing
        RETURN - add sources please
        Returned: needs more detail on pricing
        Tagastan: lisage ajakava
        Saadan tagasi: riskid on puudu
        Tagasi: hea algus, aga eelarve vajab veel tööd, kui võimalik siis lisage ka ajakava
    """,
    "unclear": """
        tagasi
        TAGASI
        TAGASI:
        return
        Return.
        Tagasi?
        TAGASI või JAH?
        Jah või tagasi
        Jah, aga eelarve tuleks veel parandada.
        Jah, kui lisate eelarve
        Jah, palun parandage eelarve
        Hea töö
        Väga hea töö!
        Tagasiside: väga hea töö
        Tagasi ei saada
        Ei pea tagasi saatma
        Vaatan homme
        Vaatan nädalavahetusel üle
        Loen läbi
        Ei
        Ei, eelarve puudub
        Eelarve on puudu
        Palun lisage eelarve
        Please add the budget
        Manus ei avane
        Faili polnud
        Kas tähtaeg on reedel?
        Jah, tagasi
        TAGASI: või siiski, vastu võetud
        Good work
        Looks good but add sources
        Almost there
        Peaaegu vastu võetud
        Tagasi tööle alles esmaspäeval
    """,
}

WORK = """
Meie klient on väike aiand, kes müüb taimi otse. Väärtuspakkumine: kastmine ilma muretsemata. Kanalid: turg ja veeb.
Probleem: eakad ei pääse poodi. Lahendus: kogukonna sõidujagamine. Kliendid: üle 70-aastased elanikud. \
Kanalid: raamatukogu ja kauplus. Kulud: kütus ja kindlustus.
Sihtrühm on noored pered, kes kolivad valda. Teenus on ühine lastehoid, mida veavad vabatahtlikud. Tulu tuleb \
toetusest ja osalustasust.
Tere! Sihtrühm: eakad. Probleem: üksildus. Lahendus: kogukonnakohvik kaks korda nädalas, eestvedaja \
raamatukogu, kulud katab vald.¶¶Tervitades¶Mari
Our customers are elderly residents without a car. The value: a ride to the shop twice a week. Channels: the \
library and the parish paper. Costs: fuel.
1. Probleem: bussid ei käi. 2. Klient: kooliõpilased ja eakad. 3. Lahendus: nõudetransport. 4. Tulu: \
piletiraha ja valla toetus. 5. Riskid: juhtide puudus.
"""

NOT_WORK = """
Kas esitada tuleb PDF või sobib ka esitlus?
Saadame homme, vabandust!
Saadame nädala lõpuks.
Jah
JAH
ok
Valmis
Kodutöö on manuses.
Manuses meie töö. Head lugemist!
Tere! Lisatud on meie kodutöö.
Palun pikendage tähtaega.
Kodutöö on tehtud
Meil ei õnnestunud sel nädalal kokku saada, sest kaks liiget olid haiged ja kolmas oli komandeeringus.
Meil läks sel nädalal kõik sassi, Mari on haige ja fail jäi tööarvutisse. Saadame selle esimesel võimalusel.
Tere! Kas te saaksite täpsustada, mida kodutöös täpselt oodatakse? Meil on klient ja väärtuspakkumine olemas, \
kuid kanalid on veel lahtised.
We will send it tomorrow
Sorry, we need more time for the homework
Attached please find our homework
Our work: https://example.org/plan
Siin on meie töö: https://example.org/plaan
Klient: aiand
Me ei jõua kodutööd õigeks ajaks valmis
Tegime kodutöö ära ja arutasime klientide vajadusi, väärtust, kanaleid ning eelarvet, panen selle homme kirja.
Aitäh huvitava töötoa eest! Saime palju mõtteid klientide, väärtuse ja kanalite kohta ning koju sõites \
arutasime teenust edasi.
"""

WITH_FILE = {
    "submission": """
        Tere! Kodutöö on lisatud.¶¶Toomas
        Siin on mõlemad failid.
        ¶
        Kodutöö manuses. Kas see sobib?
        Kas fail avaneb?
        Here is our homework.
        Palun, meie töö
        Head lugemist!
        jah
        Esitame kodutöö
        Saadan kodutöö
        Vabandust hilinemise pärast, siin on töö.
    """,
    "unclear": """
        See on mustand, lõplik tuleb homme.
        Siin on esimene osa, ülejäänu saadan homme.
        Kas tähtaega saaks pikendada?
        Vale fail, ärge arvestage
        Here is a draft
        We will send the final version later
        Kas kodutöö peab olema selle näidise järgi?
        Loobume programmist
        Me ei jõua kodutööd tehtud
        Kas sellist malli peab kasutama?
    """,
}

TO_ANYTHING = {
    "status": "SEIS|seis|Seis!|Tere! SEIS|status|Status?|SEIS, palun|seis?",
    "help": "ABI|abi|help|Abi!|HELP|Tere¶ABI¶Tervitades¶Mari|abi palun",
}

LEAVING = """
LOOBUME
Loobume programmist
Loobume programmist, sest kaks liiget lahkusid.
Kahjuks peame programmist loobuma.
Soovime programmist loobuda
Võtame taotluse tagasi
Lahkume programmist
We withdraw
We withdraw from the programme
We have decided to withdraw from the programme.
Meie meeskond loobub programmist
"""
NOT_LEAVING = """
Kas saame loobuda?
Me ei loobu
Võib-olla loobume programmist
Loobume, kui tähtaega ei pikendata
Kui me loobume, kas saame hiljem tagasi tulla
Loobume ideest ja võtame uue
We do not withdraw
We might withdraw
"""


def read(kind: str, text: str, *attachments: str, listed: bool = True, names: tuple[str, ...] = ()) -> Answer:
    said = ReplyContent(text=text.replace("¶", "\n"), attachments=attachments)
    return understand(kind, said, Asked(today=TODAY, listed=listed, names=names))


def lines(table: str) -> list[str]:
    return [line.strip() for line in table.splitlines() if line.strip()]


def rows(tables: dict[str, dict[str, str]]) -> list[tuple[str, str, str]]:
    return [
        (kind, text, expected)
        for kind, table in tables.items()
        for expected, block in table.items()
        for text in lines(block)
    ]


OWN = rows(
    {
        "verify": VERIFY, "consent": CONSENT, "confirm_place": CONFIRM_PLACE, "rsvp": RSVP,
        "hours_check": HOURS_CHECK, "approve": APPROVE, "review": REVIEW,
    }
)  # fmt: skip
YES_NO_KINDS = ("verify", "consent", "confirm_place", "rsvp", "hours_check", "approve")


@pytest.mark.parametrize("kind", [*YES_NO_KINDS, "review", "hours"])
@each("text", lines(ANY_YES))
def test_a_plain_yes_is_a_yes_to_every_question_of_yes_or_no(kind: str, text: str) -> None:
    assert read(kind, text).kind == "yes"


@pytest.mark.parametrize("kind", YES_NO_KINDS)
@each("text", lines(ANY_NO))
def test_a_plain_no_is_a_no_to_every_question_of_yes_or_no(kind: str, text: str) -> None:
    assert read(kind, text).kind == "no"


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "roll_call"])
@each("text", lines(ANY_UNCLEAR))
def test_what_is_no_whole_answer_moves_nothing(kind: str, text: str) -> None:
    answer = read(kind, text)
    if kind == "hours" and text in ("0", "1"):
        assert answer.kind == "hours"
    else:
        assert not answer.entries
        assert answer.kind == "unclear"
        assert answer.readings
        assert answer.rule


@each("text", lines(ANY_UNCLEAR))
def test_a_roll_call_of_other_words_names_nobody(text: str) -> None:
    assert read("roll_call", text, names=("Mari Kask", "Jaan Tamm")).kind == "unclear"
    assert read("roll_call", text).kind == "unclear"


@each("kind, text, expected", OWN)
def test_each_question_has_words_of_its_own(kind: str, text: str, expected: str) -> None:
    assert read(kind, text).kind == expected


@pytest.mark.parametrize("kind", ["homework", "presentation"])
@each("text", lines(WORK))
def test_a_text_that_is_the_work_is_a_submission(kind: str, text: str) -> None:
    assert read(kind, text).kind == "submission"


@pytest.mark.parametrize("kind", ["homework", "presentation"])
@each("text", lines(NOT_WORK))
def test_a_letter_about_the_work_is_not_the_work(kind: str, text: str) -> None:
    assert read(kind, text).kind == "unclear"


@pytest.mark.parametrize(("kind", "text", "expected"), rows({"homework": WITH_FILE}))
def test_a_file_is_the_work_unless_the_words_say_otherwise(kind: str, text: str, expected: str) -> None:
    assert read(kind, text, "kodutoo.pdf").kind == expected


@pytest.mark.parametrize("kind", KINDS)
@each("expected, text", [(k, t) for k, ts in TO_ANYTHING.items() for t in ts.split("|")])
def test_status_and_help_can_be_asked_of_any_question(kind: str, expected: str, text: str) -> None:
    assert read(kind, text).kind == expected


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "confirm_place"])
@each("text", lines(LEAVING))
def test_leaving_can_be_said_to_any_question(kind: str, text: str) -> None:
    assert read(kind, text).kind == "withdraw"


@pytest.mark.parametrize("kind", KINDS)
@each("text", lines(NOT_LEAVING))
def test_talk_of_leaving_is_not_leaving(kind: str, text: str) -> None:
    assert read(kind, text).kind == "unclear"


# -- the letter around the answer ------------------------------------------------------------------------------------


def test_an_automatic_reply_says_nothing() -> None:
    assert understand("rsvp", ReplyContent(text="JAH", automatic=True), Asked(today=TODAY)).kind == "none"


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_reply_says_nothing(kind: str) -> None:
    assert read(kind, " \n\u00a0").kind == "none"


@pytest.mark.parametrize(
    ("partstat", "text", "expected"),
    [
        ("ACCEPTED", "", "yes"),
        ("accepted", "", "yes"),
        ("DECLINED", "", "no"),
        ("TENTATIVE", "", "maybe"),
        ("DELEGATED", "", "unclear"),
        ("NEEDS-ACTION", "JAH", "unclear"),
        ("ACCEPTED", "Mari Kask has accepted this invitation.", "yes"),
        ("ACCEPTED", "Kahjuks ei saa tulla", "unclear"),
        ("DECLINED", "Tulen!", "unclear"),
        ("DECLINED", "Olen haige", "no"),
    ],
)
def test_the_calendars_button_answers_an_invitation(partstat: str, text: str, expected: str) -> None:
    assert understand("rsvp", ReplyContent(text=text, partstat=partstat), Asked(today=TODAY)).kind == expected


def test_a_calendar_answers_no_other_question() -> None:
    assert understand("confirm_place", ReplyContent(text="", partstat="ACCEPTED"), Asked(today=TODAY)).kind == "none"


@pytest.mark.parametrize(
    ("kind", "text", "reason"),
    [
        ("approve", "EI: mentorit pole veel leitud", "mentorit pole veel leitud"),
        ("approve", "Ei, mentorit pole veel leitud.", "mentorit pole veel leitud."),
        ("hours_check", "EI - 19. juuli kohtumine jäi ära", "19. juuli kohtumine jäi ära"),
        ("rsvp", "Ei saa tulla, olen haige", "Ei saa tulla, olen haige"),
        ("confirm_place", "EI", ""),
        ("hours_check", "Tere!\nEI: kohtumisi oli üks.\nTervitades\nMari", "kohtumisi oli üks."),
    ],
)
def test_a_no_keeps_its_reason(kind: str, text: str, reason: str) -> None:
    answer = read(kind, text)
    assert (answer.kind, answer.text) == (AnswerKind.NO, reason)


def test_a_return_keeps_every_line_of_its_comment() -> None:
    answer = read("review", "TAGASI: hinnastus on puudu.¶¶Ja sihtrühm on lai.¶¶Tervitades¶Tiina")
    assert answer.text == "hinnastus on puudu.\nJa sihtrühm on lai."


def test_an_answer_names_its_rule_and_the_words_that_decided() -> None:
    answer = read("confirm_place", "Tere!¶Võtame koha vastu.¶Tervitades¶Anu")
    assert answer.words == "Võtame koha vastu"
    assert answer.rule


def test_readings_show_what_an_unclear_reply_may_mean() -> None:
    assert [one.kind for one in read("rsvp", "Jah, aga hilinen").readings] == ["yes"]
    assert [one.kind for one in read("rsvp", "Jah. Ei.").readings] == ["yes", "no"]
    assert [one.kind for one in read("rsvp", "Näis").readings] == ["yes", "no"]
    assert [one.kind for one in read("review", "Eelarve on puudu").readings] == ["yes", "return"]


def test_yes_to_hours_counts_only_where_a_list_was_shown() -> None:
    assert read("hours", "JAH").kind == "yes"
    assert read("hours", "JAH", listed=False).kind == "unclear"


def test_jah_in_other_code_points_is_the_same_word() -> None:
    assert read("confirm_place", "Vo\u0303tame koha vastu").kind == "yes"
    assert read("confirm_place", "J\u00adAH\u200b").kind == "yes"


@given(st.sampled_from([*KINDS, "reflection", ""]), st.text(), st.lists(st.text(max_size=8), max_size=3))
@settings(max_examples=300, deadline=None)
def test_any_text_whatever_gives_an_answer(kind: str, text: str, names: list[str]) -> None:
    assert isinstance(read(kind, text, names=tuple(names)), Answer)


PIECES = ["jah", "ei", "kõik", "2,5", "12.07", " h", "-", ", ", "\n", ".", "tagasi:", "Mari", "peale", "?", "juuli"]


@given(st.sampled_from(KINDS), st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join))
@settings(max_examples=300, deadline=None)
def test_any_mixture_of_its_own_words_gives_an_answer(kind: str, text: str) -> None:
    assert isinstance(read(kind, text, names=("Mari Kask", "Mari Tamm")), Answer)


REPEATED = ["jah ", "ei, ", "12.07 2 h; ", "a", "1", "Mari ", "\n", "tagasi: ", "?", ". ", "ja ", "-", "(", "x: "]


@pytest.mark.parametrize("piece", REPEATED)
@pytest.mark.parametrize("kind", ["rsvp", "hours", "roll_call", "review", "homework"])
def test_a_huge_reply_takes_no_longer_than_its_length(kind: str, piece: str) -> None:
    begin = time.perf_counter()
    read(kind, piece * 100_000, names=("Mari Kask", "Jaan Tamm"))
    assert time.perf_counter() - begin < 3
