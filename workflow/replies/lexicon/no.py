"""Lexicon of refusals: what says no to each kind of question, and what may stand beside it (et, en)."""

from workflow.replies.lexicon.notation import phrases, words

NO_SAYS = {
    "verify": phrases("""
        ei|pole kandideerinud|registreerinud
        ei|polnud|pole olnud meie|minu|mina
        polnud mina|meie
        vale inimene|aadress|adressaat
        wrong person|address
        ei|pole mina|meie
        ei|pole saatnud|esitanud|teinud|saada|esita|saadetud|esitatud
        ei|pole taotlus|taotlust meie|minu|saatnud|esitanud|õige
        not mine|ours|me|us|our
        not sent|send|apply|submit|applied|submitted|correct
        wasn't|isn't me|us|mine|ours
        application not from us|our|me
        tegemist|tegu|olema eksitusega|eksitus|veaga
    """),
    "consent": phrases("""
        left team
        ei soovi|taha
        not belong
        take me off
        eemaldage|eemalda|kustutage
        lahkusin|lahkunud
        not agree|join
        not member
        not on|in team
        eemaldage|eemalda|võtke|kustutage|kustuta mind|nimi|nime|andmed
        not agree|consent|participate
        remove|delete me|name|data
        decline
        ei soovi|taha|saa liige|liikmeks olla|hakata
        võtke|võtta|palun nimi|nime|mind|mu välja|maha|ära
        not want|wish|like part|join|member|involved
        take|strike name|me off|out
        palun võtke|võtta maha|välja
        soovin|soovime|palun eemaldada|kustutada|võtta nimekirjast|andmed|nimi|nime
        not for me|us
        mitte arvestada|lisada|panna mind|meid|kirja
    """),
    "confirm_place": phrases("""
        not possible
        mitte arvestada mind|meid|meiega
        mitte osaleda
        otsustasime|otsustasin|otsustanud|otsustas mitte osaleda
        must|have decline
        regret not|cannot participate|join|attend
        ei võta|saa vastu
        peame|pean|otsustasime|otsustasin|otsustanud|soovime|soovin|sunnitud loobuma|loobuda
        ei saa|soovi|taha osaleda|tulla|jätkata
        ei soovi
        ütlen|ütleme|peame ära|ära|ütlema
        decline|declining
        give|giving up place|spot|seat
        not accept|join|participate|attend|take|come|confirm
        not able accept|join|participate|attend|take|come
        unable accept|join|participate|attend|take|come
        withdraw
        can|will|would not
        cannot
        ei liitu|jätka
        anname|annan koha edasi|järgmisele|teistele
        turn down place|offer|spot|it
        no longer participate|join|attend|take
        otsustas|peab loobuda|loobuma
        pass time|year|round
        anname|annan|andma koha|koht|kohta tagasi|edasi|järgmisele|teistele|ära
        andke|anda|pakkuge koha|koht|kohta edasi|järgmisele|teistele|teisele
        ei löö|lähe|tee kaasa
        ei kasuta|vaja kohta|koha|pakkumist
        ei|pole huvitatud
        not take part
        not interested
        have|must|need drop|pull|back out
        have|must pass|decline
        meeskond|tiim otsustas loobuda|loobuma
    """),
    "rsvp": phrases("""
        not possible
        mitte arvestada mind|meid|minuga|meiega
        mitte tulla|osaleda
        have cancel
        have miss
        must miss|cancel
        not there
        can|will|could not
        absent
        ei pääse tulema|kohale|osalema
        not come|coming|attend|attending|join|joining|participate|make|participating|available
        not able|unable come|attend|join|make|participate
        pass time|session
        not take part
        annan oma koha ära
        decline|declined
        can|will not
        cannot
        miss it|this|workshop|session
        skip
    """),
    "review": phrases("""
        ei ole|pole vastu
        not accepted|accept|approve|approved
    """),
    "hours": phrases("""
        ei ole|pole|klapi|vasta õige|õiged|klapi|tõele
        vale|valed
        wrong|incorrect
        not correct|right
    """),
    "hours_check": phrases("""
        tunnid|andmed valed
        not match|add
        ei ole|pole nõus
        vale|valed|valesti
        not correct|right|accurate|agree
        wrong|incorrect
        ei|pole tõsi
        tunde|tunnid|hours liiga|too palju|vähe|many|few
        ainult|vaid|only|just kohtusime|kohtumine|oli|käis|saime|met|was korra|kord|tunni|tunniks|once
        ainult|vaid|only|just kohtusime|kohtumine|oli|käis|saime|met|was ühe|one korra|tunni|meeting
    """),
    "approve": phrases("""
        ei|pole valmis
        not ready
        ei|mitte edasi
        ei ole|pole nõus
        ei lase|lähe|saa|või edasi
        keeldun
        not approve|approved|agree
        reject|rejected|decline|declined|refuse
        ei anna luba|nõusolekut|heakskiitu
        ei toeta
        lükkan tagasi
        tagasi lükatud
        keelan|keelame
        deny|denied
        not allow|support
    """),
}
NO_BESIDE = {
    "verify": words("""
        ole olnud anything midagi sellele programmi kunagi ise taotlus taotlust sellist ühtegi mingit teile
        oma seda application any did have has do an
        selle see on peab olema by
    """),
    "consent": words("""
        andmed list meeskonnast off meeskonda sellesse sinna selles ole meeskonna member team seda oma osaleda
        osalema enam nimekirjast maha palun minu out from do part in kustutada
        meeskonnas tiimis liige liikmeks olla kuuluda hakata teie nimekirjast selle seda kahjuks mu enam
        andmete töötlemisega kasutamisega
        selles programmis projektis programm see
    """),
    "confirm_place": words("""
        ole võimalik võimalust otsustasime otsustasin tahame pakkumisest osalemast decided võtta tulla osaleda
        koha kohast kohta meie oma pakutud osalemisest programmist programmis programmi kutse pakkumist ära
        our place spot seat offer offered have must need to up able can will do part would like seda enam sel
        aastal tänavu year spring autumn summer winter season kevadel sügisel suvel talvel oleme sunnitud
        palun meeskonnale käesolevale
        järgmisele meeskonnale teistele longer
        siiski meeskond tiim
    """),
    "rsvp": words("""
        ole võimalik võimalust haiguse tõttu this one tulema osalema tulla osaleda kohale töötuppa töötoas
        töötoale üritusele üritusel koolitusele koolitusel seminarile seminaril infopäevale infopäeval homme
        täna päeval sel kellaajal aeg ajal seekord kuidagi osa isiklikult workshop seminar session event
        able can will do have need
        going won't part day tomorrow today up it to there being i'll päev
        seekord pean peame jätma seda vahele olla have must
        siiski
    """),
    "review": words("ole kodutööd tööd the homework work do can"),
    "hours": words("tunnid nimekiri andmed hours list"),
    "hours_check": words("""
        on kirjas märgitud there too kokku juulis july in kohtumine käis these
        need nii ole tunnid andmed kohtumised hours list see arvestus do meie
    """),
    "approve": words("ole do can meeskonda neid nad minna lasta liikuda lubada them seda sammu"),
}
