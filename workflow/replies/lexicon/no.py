"""What a no can say to each kind of question, and what may stand beside it. Estonian and English."""

from workflow.replies.lexicon.notation import phrases, words

NO_SAYS = {
    "verify": phrases("""
        ei|pole kandideerinud|registreerinud
        ei|polnud|pole olnud meie|minu|mina
        polnud mina|meie
        ei|pole midagi saatnud|esitanud|taotlenud
        never applied|sent|submitted
        not submitted|applied|sent anything
        vale inimene|aadress|adressaat
        wrong person|address
        ei|pole mina|meie
        ei|pole saatnud|esitanud|teinud|saada|esita|saadetud|esitatud
        ei|pole taotlus|taotlust meie|minu|saatnud|esitanud|õige
        ei|pole taotlenud
        ei|pole õige
        not mine|ours|me|us|our
        not sent|send|apply|submit|applied|submitted|correct
        wasn't|isn't me|us|mine|ours
        tegemist|tegu|olema eksitusega|eksitus|veaga
        sent|submitted not
    """),
    "consent": phrases("""
        ei soovi|taha
        not belong
        take me off
        eemaldage|eemalda|kustutage
        lahkusin|lahkunud
        not agree|join
        ei kuulu
        ei|pole liige
        not member
        not on|in team
        ei ole nõus
        ei|pole nõus
        ei nõustu
        ei luba
        ei soovi|taha osaleda
        ei|mitte osale
        ei anna nõusolekut
        keeldun
        eemaldage|eemalda|võtke|kustutage|kustuta mind|nimi|nime|andmed
        not agree|consent|participate
        not want|wish participate|take part|part
        remove|delete me|name|data
        decline
        ei saa osaleda|liituda|tulla
        ei soovi|taha|saa liige|liikmeks olla|hakata
        ei soovi|taha kuuluda
        ei liitu
        võtke|võtta|palun nimi|nime|mind|mu välja|maha|ära
        not want|wish|like part|join|member|involved
        take|strike name|me off|out
        palun võtke|võtta maha|välja
    """),
    "confirm_place": phrases("""
        ei|pole võimalik osaleda|tulla
        ei|pole võimalik osa võtta
        ei|pole võimalust osaleda|tulla
        mitte osaleda
        otsustasime|otsustasin|otsustanud mitte osaleda
        anname|annan koha ära
        jätame|jätan vahele
        peame|pean ära ütlema
        keeldume pakkumisest
        must|have decline
        regret not|cannot participate|join|attend
        ei võta|saa vastu
        ei saa vastu võtta
        loobun|loobume
        peame|pean|otsustasime|otsustasin|otsustanud|soovime|soovin|sunnitud loobuma|loobuda
        ei osale
        ei tule
        ei saa
        ei saa|soovi|taha osaleda|tulla|jätkata
        ei kinnita
        ei soovi
        ei sobi
        ütlen|ütleme|peame ära|ära|ütlema
        keeldun|keeldume
        decline|declining
        give|giving up place|spot|seat
        not accept|join|participate|attend|take|come|confirm
        not able accept|join|participate|attend|take|come
        unable accept|join|participate|attend|take|come
        withdraw
        can|will|would not
        cannot
        jääme|jään kõrvale|eemale
        ei liitu|jätka
        anname|annan koha edasi|järgmisele|teistele
        turn down place|offer|spot|it
        no longer participate|join|attend|take
        meeskond|tiim loobub
        otsustas|peab loobuda|loobuma
        otsustas mitte osaleda
        pass time|year|round
        anname|annan|andma koha|koht|kohta tagasi|edasi|järgmisele|teistele|ära
        andke|anda|pakkuge koha|koht|kohta edasi|järgmisele|teistele|teisele
        ei löö|lähe|tee kaasa
        ei kasuta|vaja kohta|koha|pakkumist
        ei|pole huvitatud
        ei jõua|õnnestu osaleda|tulla
        not take part
        not interested
        have|must|need drop|pull|back out
        have|must pass|decline
        not be joining|participating|attending|coming
        meeskond|tiim otsustas loobuda|loobuma
    """),
    "rsvp": phrases("""
        ei|pole võimalik osaleda|tulla
        ei|pole võimalik osa võtta
        ei|pole võimalust osaleda|tulla
        mitte tulla|osaleda
        jään eemale|kõrvale|koju|tulemata
        ütlen|ütleme ära
        pean|peame ära ütlema
        olen|oleme sunnitud puuduma
        have cancel
        have miss
        must miss|cancel
        not there
        can|will|could not
        absent
        ei tule
        ei osale
        ei jõua
        ei saa
        ei saa|jõua|õnnestu tulla|osaleda|kohale|osa
        ei võta osa
        ei sobi
        puudun|puudume
        ei pääse
        ei pääse tulema|kohale|osalema
        not come|coming|attend|attending|join|joining|participate|make|participating|available
        not able|unable come|attend|join|make|participate
        pean|peame puuduma
        pean|peame vahele jätma
        pass time|session
        not take part
        ei ilmu
        annan oma koha ära
        ei õnnestu osaleda|tulla
        unable attend|join|come|participate
        decline|declined
        can|will not
        cannot
        miss it|this|workshop|session
        skip
        jätan|jätame vahele
        pean|peame vahele jätma
        ei|pole kohal
        ei ilmu
        ei saa kohal olla
        pean|peame loobuma
    """),
    "review": phrases("""
        ei võta vastu
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
        ei|pole nii
        tunnid|andmed valed
        ei|pole korrektne|korrektsed
        not match|add
        ei|pole õige|õiged
        ei klapi
        ei kinnita
        ei vasta tõele|tegelikkusele
        ei ole|pole nõus
        ei nõustu
        vale|valed|valesti
        not correct|right|accurate|agree
        wrong|incorrect
        ei|pole tõsi
    """),
    "approve": phrases("""
        ei|pole valmis
        not ready
        ei|mitte edasi
        ei luba
        ei kinnita
        ei ole|pole nõus
        ei nõustu
        ei kiida heaks
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
        täna päeval sel kellaajal aeg ajal seekord kuidagi osa isiklikult esmaspäeval teisipäeval kolmapäeval
        neljapäeval reedel laupäeval pühapäeval workshop seminar session event able can will do have need
        going won't part day tomorrow today up it to there being i'll päev
        seekord pean peame jätma seda vahele olla have must
        siiski
    """),
    "review": words("ole kodutööd tööd the homework work do can"),
    "hours": words("tunnid nimekiri andmed hours list"),
    "hours_check": words("need nii ole tunnid andmed kohtumised hours list see arvestus do meie see"),
    "approve": words("ole do can meeskonda neid nad minna lasta liikuda lubada them seda sammu"),
}
