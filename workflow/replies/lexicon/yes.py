"""What a yes can say to each kind of question, and what may stand beside it. Estonian and English."""

from workflow.replies.lexicon.notation import phrases, words

YES_SAYS = {
    "verify": phrases("""
        täpselt|just nii
        nii on
        tõepoolest
        taotlus|taotluse esitanud|saatnud|teinud
        taotluse esitamist|saatmist|esitamise|saatmise kinnitan|kinnitame
        we|i did
        minu|meie saadetud|esitatud|tehtud
        saatsin|saatsime|esitasin|esitasime taotluse
        mina|meie saatsin|saatsime|esitasin|esitasime
        taotlus on minu|meie|õige|saadetud|esitatud
        see mina|meie
        taotluse|taotlus|aadressi|aadress|meiliaadress kinnitan|kinnitame|õige|kinnitatud
        õige|õigesti
        that|it was|is me|us|mine|ours|our
        we|i sent|submitted|applied
        correct|right
        application is|was ours|mine|our|my|sent|submitted
        taotlus|taotluse meilt|minult
        meilt|minult tuli|tulnud
        esitasin|esitasime|saatsin|saatsime ise
        andmed õiged
        sent|submitted by me|us
        mine|ours
        klapib|klapivad
    """),
    "consent": phrases("""
        kuulun
        olen liige
        member
        on team
        nõus|nõustun|nõustume
        luban|lubame
        annan|anname nõusoleku
        sobib
        osalen
        consent|agree
        fine
        õige
        kuulun|osalen meeskonda|meeskonnas
        count me in
        right|correct|true
        olen meeskonnas|tiimis|nimekirjas|kambas
        on board
        andmeid töödeldakse|kasutatakse|töödelda|kasutada
    """),
    "confirm_place": phrases("""
        olen|oleme osalemas|tulemas
        osalemisega|pakkumisega nõus
        osaleme|osalen
        osalust|osaluse kinnitan|kinnitame
        meeskond|tiim kinnitab|nõustub
        kinnitab osalemist|osalemise|koha|osaluse
        võtame koha
        team accepts|confirms|joins
        jah võtame
        pardal
        võtan|võtame koha|kohta|pakkumise|kutse vastu
        võtan|võtame vastu
        meeskond|tiim osaleb|tuleb|liitub
        count us|me in
        nõus|nõustun|nõustume
        koht|koha|osalemine|osalemise|osalemist kinnitan|kinnitame|kinnitatud
        kinnitus
        kinnitan|kinnitame osaleme|tuleme|osalen|tulen
        sobib|sobivad
        osaleme|osalen
        tuleme|tulen
        lööme kaasa
        oleme pardal|kambas|platsis|mängus|olemas
        liitume
        accept|accepting|accepted
        take|taking place
        confirm|confirmed place|participation|spot|seat
        we participate|join|attend|come
        participating|joining|attending|coming
        we're|we are in
        works
        sounds good
        fine
        deal
        oleme|olen kohal
        valmis osalema|tulema|alustama
        koha|kutse|pakkumise vastuvõtmist|vastuvõtmise kinnitan|kinnitame
        koht vastu võetud
        aktsepteerin|aktsepteerime
        tuleme|lööme|lähme kaasa
        take it
        team in
        will be there
        join|joining gladly|happily
        otsustasime|otsustanud osaleda
        otsustasime|otsustanud koha vastu võtta
        meeskond|tiim võtab koha|kutse|pakkumise vastu
        meeskond|tiim valmis
        on board
        team participate|join|attend|come
        team take part
    """),
    "rsvp": phrases("""
        olen|oleme tulemas|osalemas
        kohal
        arvestage|arvesta minuga|meiega
        osavõtt|osalemine kinnitatud
        tulekut|tuleku kinnitan|kinnitame
        saan|saame küll
        jah saan|saame
        i in am
        confirm|confirming attendance|participation
        mind|meid võib arvestada
        ilmun|saabun kohale
        panen|paneme end|ennast kirja
        registreerun|registreerume
        will attend
        tulen koos
        tulen|tuleme
        osalen|osaleme
        jõuan|jõuame
        saan|saame tulla|osaleda|kohale
        võtan|võtame osa
        olen|oleme kohal|platsis|olemas|seal
        sobib|sobivad
        nõus
        osalemist|osalemise|osavõttu|osavõtu kinnitan|kinnitame
        registreerin|registreerime
        registreerin|registreerime|märkige|märgi end|ennast|mind|meid osalejaks
        pane|pange mind|meid kirja
        attend|attending
        come|coming
        join|joining
        participate|participating
        be there
        make it
        count me|us in
        see you there
        accept|accepted
        works
        sounds good
        fine
        ilmun kohale
        olen kohapeal
        will be present
        can count on me|us
        tulen kogu päevaks
        olemas
        saan|saame osaleda kogu päeva
        able attend|come|join|participate
    """),
    "review": phrases("""
        vastu võetud
        võtan|võtame vastu
        arvestatud
        aktsepteerin|aktsepteerime|aktsepteeritud
        sobib
        heaks kiidan|kiidame|kiidetud
        kinnitan|kinnitame kodutöö|töö
        accept|accepted
        approve|approved
        pass|passed
        kõik|töö|kodutöö korras
        kõik|töö hästi
        vastab nõuetele|tingimustele|ülesandele
        arvestan|arvestame töö|kodutöö
        loen arvestatuks|sooritatuks|vastuvõetuks
        loen|arvestan vastu võetuks
        arvestan|arvestame sooritatuks
        positiivselt hinnatud
        sooritatud
        looks|all good
        kõik osad|punktid|nõuded olemas|täidetud
        läheb|lähevad arvesse
        arvesse võetud
        good to go
        korras
        võib|võivad edasi minna|liikuda
    """),
    "hours": phrases("""
        korrektne|korrektsed
        all|looks good|right|correct|fine
        õige|õiged|õigesti
        klapib|klapivad
        sobib
        tunnid|nimekiri|tabel|andmed õige|õiged|klapib|klapivad
        correct|right
        korras
        loetelu|ülevaade|kokkuvõte õige
        tunnid|tunde|loetelu kinnitan|kinnitame
        nii oli|on
        õigesti kirjas|märgitud
        list|hours correct|right
    """),
    "hours_check": phrases("""
        korrektne|korrektsed
        nii oli|on
        all|looks good|right|correct|fine
        mentori tunnid kinnitan|kinnitame
        õige|õiged|õigesti
        klapib|klapivad
        sobib
        tunnid|andmed|ajad|kohtumised õige|õiged|õigesti|klapib|klapivad|toimusid
        vastab|vastavad tõele|tegelikkusele
        correct|right|accurate|matches
        hours correct|right|match
        korras
        õigesti kirjas|märgitud|arvestatud
        vastavad|vastab meie
        kokku klapib|klapivad
        arvestusega klapib|klapivad
        matches|match our
    """),
    "approve": phrases("""
        heaks kiidetud
        ülemineku|üleminekut kinnitan|kinnitame
        luban|lubame|lubatud
        nõus
        sobib
        edasi lasta|lubada|liikuda|minna|las|lähevad|läheb|võib|võivad|lase|laske
        heaks kiidan|kiidame|kiidetud
        võib
        las|lase|laske läheb|lähevad|minna
        teeme ära
        tehke ära
        approve|approved
        go ahead
        fine
        proceed
        viige|viia|lubage edasi
        heakskiit|nõusolek|luba olemas|antud
        annan|anname nõusoleku|loa|heakskiidu
        toetan|toetame
        move them|forward
        they proceed|advance|continue
    """),
}
# Beside these, "homme" is the day of the meeting and no delay.
ATTENDING = words("tulen tuleme osalen osaleme kohal jõuan jõuame coming attend attending come there")
THE_DAY = words("homme täna tomorrow today tomorrow's")
YES_BESIDE = {
    "verify": words("""
    esitamist saatmist esitanud saatnud nii did have selle õige ours it taotlus taotluse taotluste saadetud
    esitatud aadress aadressi email meiliaadress e-mail yes correct
        meilt minult meil oma e-posti posti telefon poolt esitatud tulnud
        everything
    """),
    "consent": words("""
        meeskonda sellesse sinna selles liige member team osalema osalemisega liikmena oma andmete
        kasutamisega töötlemisega andmeid programmis andmed nimi nime sellega minu my data name
        meeskonnas selline see on right correct
        by
    """),
    "confirm_place": words("""
        from side osaluse osalust koosloome osalemisega pakkumisega teekond koht koha kohta oma meie osalemine osalemise
        osalemist programmis programmi teekonnal teekonnas kutse pakkumise pakutud koolitusel
        koosloomeprogrammis our place spot seat offered offer programme program kohaga love rõõmsalt
        tänulikult gratefully osalemas
        osalema tulema vastu vastuvõtmist great pleasure enthusiastically team täies koosseisus
        kõigile kõigil meil your by thanks gratitude
    """),
    "rsvp": words("""
        can from side töötoas töötuppa töötoale üritusel üritusele koolitusel koolitusele seminaril seminarile
        infopäeval infopäevale kohale kohal kohapeal kohapeale tiimist meeskonnast isiklikult workshop seminar
        session info day event osalemine osalemise oma aeg ka kahekesi kolmekesi neljakesi viiekesi kuuekesi
        tomorrow's there kogu täies koosseisus i'll ajaliselt kellaaeg mulle meile päev
        kindlalt täies mahus kogu great pleasure
        minu by end ennast osalejaks
    """),
    "review": words("""
        kodutöö töö kodutööd tööd kodutööga tööga plaan plaani it homework work väga hästi
        rakenduskava ülesanne nõutud vajalikud from me side nõuetele esitatud esitus selle good great excellent korras
        väga
        minu meie
        everything
    """),
    "hours": words("""
        tunnid nimekiri tabel andmed list hours kõik esitatud näidatud need toodud loetelu ülevaade
        kokkuvõte
        everything
    """),
    "hours_check": words("""
        mentori mentor nii oli looks arvestus kuu juuli juuni tunnid tunde andmed hours ajad kohtumised need
        list esitatud kokku
        kõik meie arvestusega tõele kirjas our notes records
        minu
        everything
    """),
    "approve": words("""
        meeskond meeskonna tiim tiimi neid nad them ahead moving move forward otsus otsuse sellega
        can nad tiim poolest meeskonnale neile järgmisse etappi minna mentorlusse
        minu by from me side
    """),
}

# -- what may follow a bare yes: a sentence with none of these is something else than the answer -------------

KIND_ANCHORS = {
    "verify": r"\b(ootame (ponevusega|huviga|roomuga) (teie )?(vastust|otsust|tulemus\w*|uudis\w*)|"
    r"saatsi\w*|esitasi\w*|sent|submitted|applied)\b",
    "consent": r"\b(kursis|liige|kuulun|member)\b",
    "confirm_place": r"\b(kalendris kirjas|kalendrisse (pandud|lisatud)|"
    r"(ajad|kuupaevad|paevad) sobivad|(kuupaevadega|aegadega|ajakavaga) kursis|"
    r"kogu tiim|terve tiim|kogu meeskon\w*|liitume|alustame)\b",
    "rsvp": r"\b(kohale|kalendris kirjas|on (see )?(\w+ )?kalendris|"
    r"kalendrisse (pandud|lisatud|kirjas)|(panin|lisasin) kalendrisse|"
    r"taimetoit\w*|vegan\w*|allergi\w*|gluteen\w*|laktoos\w*|arvuti\w*|calendar|"
    r"vegetarian|\w+kesi|kogu tiim|terve tiim|kogu meeskon\w*|jouan|jouame|see you)\b",
    "review": r"\b(hea|tubli\w*|pohjali\w*|korrali\w*|toredasti|selge|tugev|ilus|nice|solid|clear|strong|lahe|job|"
    r"asjali\w*|sisuka\w*|sisukas|labimoeldud|labi moeldud|terviklik\w*|professionaal\w*|thorough|impressive|"
    r"arvestatud|suurepara\w*|veenev\w*)\b",
    "hours": r"\b(oige|oiged|klapib|klapivad|correct|right|korras)\b",
    "hours_check": r"\b(kasuli\w*|asjali\w*|toeta\w*|koostoo|abiks|helpful|useful|"
    r"oige|oiged|klapib|klapivad|toimusid|correct|right|match|korras|tubli\w*)\b",
    "approve": r"\b(korras|tehtud|edasi|luban|ahead|approved?|fine|taidetud|oige|hea|tubli\w*|checked|done|vaatasin)\b",
}
