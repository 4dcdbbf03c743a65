"""Lexicon of affirmatives: what says yes to each kind of question, and what may stand beside it (et, en)."""

from workflow.replies.lexicon.notation import phrases, words

YES_SAYS = {
    "verify": phrases("""
        tõepoolest
        taotlus|taotluse esitanud|saatnud|teinud
        we|i did
        minu|meie saadetud|esitatud|tehtud
        see mina|meie
        taotluse|taotlus|aadressi|aadress|meiliaadress kinnitan|kinnitame|õige|kinnitatud
        õige|õigesti
        that|it was|is me|us|mine|ours|our
        correct|right
        application is|was ours|mine|our|my|sent|submitted
        taotlus|taotluse meilt|minult
        meilt|minult tuli|tulnud
        mine|ours
        application came|comes|is from us|our|me
    """),
    "consent": phrases("""
        nõusolek olemas|antud
        may|can register|add|use|list me|name|data
        i in am
        member
        on team
        consent|agree
        fine
        õige
        count me in
        right|correct|true
        olen meeskonnas|tiimis|nimekirjas|kambas
        on board
        andmeid töödeldakse|kasutatakse|töödelda|kasutada
    """),
    "confirm_place": phrases("""
        kinnitab osalemist|osalemise|koha|osaluse
        team accepts|confirms|joins
        jah võtame
        pardal
        count us|me in
        koht|koha|osalemine|osalemise|osalemist kinnitan|kinnitame|kinnitatud
        kinnitus
        kinnitan|kinnitame osaleme|tuleme|osalen|tulen
        oleme pardal|kambas|platsis|mängus|olemas|sees
        accept|accepting|accepted
        take|taking place
        confirm|confirmed place|participation|spot|seat
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
        tuleme|lööme|lähme kaasa
        take it
        team in
        will be there
        join|joining gladly|happily
        otsustasime|otsustanud osaleda
        otsustasime|otsustanud koha vastu võtta
        meeskond|tiim valmis
        on board
        team participate|join|attend|come
        team take part
    """),
    "rsvp": phrases("""
        arvestage|arvesta minuga|meiega
        osavõtt|osalemine kinnitatud
        saan|saame küll
        jah saan|saame
        i in am
        confirm|confirming attendance|participation
        mind|meid võib arvestada
        ilmun|saabun kohale
        panen|paneme end|ennast kirja
        registreerun|registreerume
        will attend
        jõuan|jõuame
        saan|saame tulla|osaleda|kohale
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
        will be present
        can count on me|us
        tulen kogu päevaks
        olemas
        saan|saame osaleda kogu päeva
        able attend|come|join|participate
    """),
    "review": phrases("""
        vastu võetud
        arvestatud
        aktsepteerin|aktsepteerime|aktsepteeritud
        heaks kiidan|kiidame|kiidetud
        accept|accepted
        approve|approved
        pass|passed
        kõik|töö|kodutöö korras
        kõik|töö hästi
        vastab nõuetele|tingimustele|ülesandele
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
        all|looks good|right|correct|fine
        õige|õiged|õigesti
        correct|right
        õigesti kirjas|märgitud
        list|hours correct|right|complete|accurate
    """),
    "hours_check": phrases("""
        all|looks good|right|correct|fine
        õige|õiged|õigesti
        tunnid|andmed|ajad|kohtumised õige|õiged|õigesti|klapib|klapivad|toimusid
        correct|right|accurate|matches
        hours correct|right|match
        õigesti kirjas|märgitud|arvestatud
        vastavad|vastab meie
        matches|match our
        hours in line|agreement records|notes|calendar
        took place
        kohtumised olid|toimusid
        accurate
    """),
    "approve": phrases("""
        heaks kiidetud
        luban|lubame|lubatud
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
        on kodutöö töö kodutööd tööd kodutööga tööga plaan plaani it homework work väga hästi
        rakenduskava ülesanne nõutud vajalikud from me side nõuetele esitatud esitus selle good great excellent korras
        väga
        minu meie
        everything
    """),
    "hours": words("""
        tunnid nimekiri tabel andmed list hours these nimekirjas olevad toodud complete kõik esitatud näidatud
        need toodud loetelu ülevaade
        kokkuvõte
        everything
    """),
    "hours_check": words("""
        mõlemad palju täpselt these both meetings sessions visits mentori mentor nii oli looks arvestus kuu
        juuli juuni tunnid tunde
        andmed hours ajad kohtumised need
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
    r"meie (\w+ )?(oma|taotlus)|saatsi\w*|esitasi\w*|sent|submitted|applied)\b",
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
