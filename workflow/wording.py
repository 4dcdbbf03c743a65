"""The words answers are made of, Estonian and English: tables, and the folding that makes them comparable.

Nothing here decides anything. Words stand in full spelling; `fold` takes case and diacritics away from both
sides, so that "KOIK", "koik" and "kõik" are one word. In a line of phrases `|` parts alternatives and a space
joins words that must all be there, in any order: Estonian order is free.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import product

PLAIN = str.maketrans("õäöüšž", "oaousz")
INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff\ufe0f\u200e\u200f"))
SPACES = dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u202f\t\v\f"), " ")
LOOKALIKE = str.maketrans("’‘`´‐‑‒–—−", "''''------")


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Lower case without Estonian diacritics; other letters keep theirs, so that "jā" is not "ja"."""
    return text.lower().translate(PLAIN)


def tidy(text: str) -> str:
    """Composed letters, plain spaces, apostrophes and dashes; nothing invisible; one kind of line end."""
    text = unicodedata.normalize(
        "NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    )
    return text.translate(INVISIBLE).translate(SPACES).translate(LOOKALIKE)


def words(table: str) -> frozenset[str]:
    return frozenset(fold(table).split())


Phrases = tuple[frozenset[str], ...]


def phrases(table: str) -> Phrases:
    """One phrase a line; each becomes the sets of words that must all be in a clause."""
    lines = [line.split() for line in fold(table).splitlines() if line.strip()]
    return tuple(frozenset(one) for line in lines for one in product(*(part.split("|") for part in line)))


def known(*tables: Phrases) -> frozenset[str]:
    return frozenset().union(*(one for table in tables for one in table))


# -- yes and no, whatever was asked --------------------------------------------------------------------------

YES = words("""
    jah jahh jaa jaah ja-jah jep jepp jup jess yes yess yep yeah yup ok okei okey okay oki okidoki muidugi
    loomulikult kindlasti absoluutselt ikka nõus nõustun nõustume sure certainly definitely absolutely agree
    agreed kinnitan kinnitame kinnitatud confirm confirmed confirming affirmative
""")
BARE_YES = words("""
    jah jahh jaa jaah jep jepp jup jess yes yess yep yeah yup ok okei okey okay oki okidoki muidugi
    loomulikult kindlasti absoluutselt ikka sure certainly definitely absolutely affirmative
""")
NO = words("ei eii no nope nah ei-ei")
DENIALS = words("ei eii pole polnud mitte ega not never")  # of which two make a yes
NEGATIONS = words("""
    ei eii ära ärge ega pole polnud mitte põle no not never nope nah cannot cant dont wont didnt isnt wasnt
    doesnt without unable none nobody nothing neither nor ilma keegi ükski ühtegi mingit midagi
""")

# Words that say nothing by themselves, whatever stands beside them.
ENGLISH_FILLERS = words("""
    answer indeed exactly gladly do did well was were me on just i we us our my the a an is are am be it this
    that to of for in at with and will all very much happily please herewith hereby also too so whole team
    happy glad pleased delighted both fully absolutely definitely certainly course
""")
FILLERS = ENGLISH_FILLERS | words("""
    vastus tõesti tõepoolest täpselt kirjas tänulikult olin olime hästi ma mina meie mu meil mul mulle meile
    meid mind te teie sa sina see selle seda sellele sellega olen oleme ja ning väga hea meelega rõõmuga
    suurima suure küll siis ka ise omalt poolt poolest meiepoolne minupoolne nii täitsa täiesti kõik kõigega
    kogu terve tiim meeskond meeskonnaga tiimiga meeskonna tiimi koos kindlasti muidugi loomulikult heameelega
    igati samuti palun lihtsalt
""")
ENGLISH_SORRY = words("unfortunately sadly sorry afraid regret regretfully time thanks")
SORRY = ENGLISH_SORRY | words("""
    kahjuks paraku vabandust vabandan vabandame kahju sedapuhku seekord kord korral sel sellel sellest
    unfortunately sadly sorry afraid regret time i'm regretfully
""")

# -- what a yes and a no can say, by kind of question --------------------------------------------------------

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
    """),
}
# Beside these, "homme" is the day of the meeting and no delay.
ATTENDING = words("tulen tuleme osalen osaleme kohal jõuan jõuame coming attend attending come there")
THE_DAY = words("homme täna tomorrow today tomorrow's")
YES_BESIDE = {
    "verify": words("""
    esitamist saatmist esitanud saatnud nii did have selle õige ours it taotlus taotluse taotluste saadetud
    esitatud aadress aadressi email meiliaadress e-mail yes correct
"""),
    "consent": words("""
        meeskonda sellesse sinna selles liige member team osalema osalemisega liikmena oma andmete
        kasutamisega andmed nimi nime sellega minu my data name
    """),
    "confirm_place": words("""
        osaluse osalust koosloome osalemisega pakkumisega teekond koht koha kohta oma meie osalemine osalemise
        osalemist programmis programmi teekonnal teekonnas kutse pakkumise pakutud koolitusel
        koosloomeprogrammis our place spot seat offered offer programme program kohaga love rõõmsalt
        tänulikult gratefully osalemas
    """),
    "rsvp": words("""
        can töötoas töötuppa töötoale üritusel üritusele koolitusel koolitusele seminaril seminarile
        infopäeval infopäevale kohale kohal kohapeal kohapeale tiimist meeskonnast isiklikult workshop seminar
        session info day event osalemine osalemise oma aeg ka kahekesi kolmekesi neljakesi viiekesi kuuekesi
        tomorrow's there kogu täies koosseisus i'll ajaliselt kellaaeg mulle meile päev
    """),
    "review": words("kodutöö töö kodutööd tööd kodutööga tööga plaan plaani it homework work väga hästi rakenduskava"),
    "hours": words("tunnid nimekiri tabel andmed list hours kõik esitatud näidatud need toodud"),
    "hours_check": words("""
        mentori mentor nii oli looks arvestus kuu juuli juuni tunnid tunde andmed hours ajad kohtumised need
        list esitatud kokku
    """),
    "approve": words("meeskond meeskonna tiim tiimi neid nad them ahead moving move forward otsus otsuse sellega"),
}
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
        unable attend|join|come|participate
        decline|declined
        can|will not
        cannot
        miss it|this|workshop|session
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
    """),
}
NO_BESIDE = {
    "verify": words("""
        ole olnud anything midagi sellele programmi kunagi ise taotlus taotlust sellist ühtegi mingit teile
        oma seda application any did have has do an
    """),
    "consent": words("""
        andmed list meeskonnast off meeskonda sellesse sinna selles ole meeskonna member team seda oma osaleda
        osalema enam nimekirjast maha palun minu out from do part in kustutada
    """),
    "confirm_place": words("""
        ole võimalik võimalust otsustasime otsustasin tahame pakkumisest osalemast decided võtta tulla osaleda
        koha kohast kohta meie oma pakutud osalemisest programmist programmis programmi kutse pakkumist ära
        our place spot seat offer offered have must need to up able can will do part would like seda enam sel
        aastal tänavu year
    """),
    "rsvp": words("""
        ole võimalik võimalust haiguse tõttu this one tulema osalema tulla osaleda kohale töötuppa töötoas
        töötoale üritusele üritusel koolitusele koolitusel seminarile seminaril infopäevale infopäeval homme
        täna päeval sel kellaajal aeg ajal seekord kuidagi osa isiklikult esmaspäeval teisipäeval kolmapäeval
        neljapäeval reedel laupäeval pühapäeval workshop seminar session event able can will do have need
        going won't part day tomorrow today up it to there being i'll päev
    """),
    "review": words("ole kodutööd tööd the homework work do can"),
    "hours": words("tunnid nimekiri andmed hours list"),
    "hours_check": words("need nii ole tunnid andmed kohtumised hours list see arvestus do"),
    "approve": words("ole do can meeskonda neid nad minna lasta liikuda lubada them"),
}
IDIOMS = phrases("""
    ei|pole probleem|probleemi|probleeme
    ei|pole vastuväiteid|takistusi|küsimusi|märkusi|etteheiteid
    vastuväiteid|takistusi|märkusi|küsimusi pole|ei|polnud
    no problem|problems|worries|objections|questions|issues|doubt
    kahtlemata
""")
# A no in every kind, however it is put.
FIRM_NO = phrases("""
    kindlasti|muidugi|loomulikult|absoluutselt mitte
    kahjuks|paraku|seekord mitte
    unfortunately|sadly not
    definitely|absolutely|certainly|course not
    no way
    mitte mingil juhul
""")
FIRM_BESIDE = words("of")
FIRM_YES = phrases("of course")
# These would make a no into "not everybody": then it is not a whole one.
QUANTITIES = words("kõik kõigega kogu terve täiesti täitsa all both whole fully very mõlemad")
# Wishes that answer nothing by themselves, and take nothing from a yes.
WISHES = phrases("""
    soovin|soovime|tahan|tahame osaleda|tulla|liituda
    oi kui tore|vahva|lahe|hea
    nagu alati|ikka|kokkulepitud|lubatud|kirjas
    as always|agreed
""")
WISHES_BESIDE = words("programmis töötoas väga kindlasti selles sellel koolitusel oli olid oleme leppisime")
IDIOM_BESIDE = words("ole mul meil mingit mingeid selles siin ühtegi at all whatsoever muidugi olnud")

# What turns a refusal round: whoever does not decline has not said no.
REFUSALS = r"(loobu\w*|keeldu\w*|declin\w*|refus\w*|withdraw\w*|give up|utle (\w+ )?ara|puudu|puuduma|vale|wrong)"

# -- doubt ---------------------------------------------------------------------------------------------------

# Whoever says one of these has not answered yet, in whichever direction.
DOUBT = words("""
        kui juhul juhuks aga kuid ent vaid siiski kuigi ehkki vist võib-olla võibolla vbl vb ehk ilmselt
        arvatavasti tõenäoliselt tundub paistab loodan loodame loodetavasti proovin proovime püüan püüame
        üritan üritame katsun katsume teatan teatame täpsustan täpsustame hiljem varsti peagi mõtlen mõtleme
        mõelda kaalun kaalume kaaluda kaalumisel arutan arutame arutada arutama arutamisel küsin küsime küsida
        uurin uurime uurida selgub selgitame selgitan otsustan otsustame otsustada otsustab oleneb sõltub
        sõltuvalt muidu kas kuidas miks millal mis mida kumb kumba või pigem üldiselt põhimõtteliselt
        osaliselt enam-vähem tingimus tingimusel tingimusega eeldusel eeldan eeldame arvan arvame usun usume
        kahtlen kahtleme kahtlane kahtlus oota oodake ootaks vasta vastan vastame ütles ütlesid väidab kuulsin
        edastan edastas suunan räägin räägime jajah jaja nojah nojaa ahah aru loobuda keelduda keeldu enne
        selgus-saabub kahevahel kindlust siiani tegelikult if but unless provided providing assuming depends
        depending maybe perhaps probably possibly might may could hopefully hope hoping try trying guess think
        suppose believe seems though although however except later soon check checking discuss discussing
        consider considering decide undecided unsure tentative tentatively whether what which who why how
        either or until once otherwise instead principle mostly partly partially subject said says told asked
        meanwhile forwarding forwarded ask wondering wonder conditional conditionally maybe's actually joo
        emme kyllä kylla kiitos tullaan tulemme osallistumme sopii valitettavasti pääse paase terveisin
        tule-en ja-ja nein nej nicht danke leider tack inte da net nyet nē jā en
    """)
DOUBT_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        r"\w{2,}ks(in|id|ime|ite)\b",  # the conditional: saaksime, tahaksin
        r"\b(saa|ole|taha|voi|pea|soovi|tule|joua|sobi|lahe|tee|anna)ks\b",
        r"\b(kinnita|osale|eelista|palu|kusi|proovi|meeldi)ks\b",
        r"\b(annan|anname|annab|andma|anda) (\w+ )?(teada|vastuse|teavet|marku)\b",
        r"\b(veel|alles) (mitte|ei)\b|\bmitte (veel|praegu|nuud)\b",
        r"\b(ei tea|ei ole kindel|pole kindel|ei oska)\b",
        r"\bei ?(maleta|leia|avane|toota)\b|\b(mitte|ei) (ainult|uksnes)\b",
        r"\bnot (yet|sure|certain|now|only|decided|understand|see)\b",
        r"\bdo not (know|understand|remember)\b|\bno idea\b",
        r"\b(let|get) (you|me|us|back)\b|\bget back\b|\bcome back to\b|\bas (long|soon) as\b|\bin case\b",
        r"\bhea kull\b",
        r"\bmiks mitte\b|\bwhy not\b",
        r"\bmidagi (\w+ )?vastu\b|\bvastu (\w+ )?midagi\b|\bselle vastu\b|\bei ole vastu\b",
        r"\b(jah|jaa|yes|ei|no) ?/ ?(ei|no|jah|jaa|yes)\b",
        r"\bne(ed|eds|eded)? (more|some) time\b|\b(veidi|natuke|rohkem|lisa) ?aega\b",
        rf"\b(ei|not|pole|mitte|never|ega)\b.{{0,40}}\b{REFUSALS}\b",
        r"\b(ootame|ootan|waiting)\b.{0,40}\b(vastust|otsust|kuni|veel|until)\b",
        r"\b(ei|not) (leia|leidnud|ava|avane|avanenud|saa|find|open)\b.{0,30}\b(vorm|link|kirja|manus|form)\w*",
        r"[^\W\d_a-z\u00c0-\u024f]",  # a letter of another script
    )
)
DOUBTFUL_SIGNS = frozenset("👎❌🤔🤷🙃🙄😏😕🫤😬✖")

# A yes that goes on with one of these is not whole; a no may well give it as its reason.
HOLDS_A_YES = words("""
    palun please nõrk nõrgad kehv kehvad halb halvad puudulik poolik pooleli keskpärane napp ebaselge segane
    weak poor bad vana vanad old katki homme ülehomme täna praegu seni esialgu ajutiselt veel alles ainult
    üksnes peale välja ainuke järgmine järgmisel järgmises järgmist järgmiseks eelmine eelmisel eelmise teine
    teisel teised teist esmaspäeval teisipäeval kolmapäeval neljapäeval reedel laupäeval pühapäeval nädal
    nädalal aastal kuul osa osad mõni mõned üks kaks kolm poole pool kolleeg kolleegi asemel asendab asendaja
    asendan muuda muudame muuta muutus muudatus vahetame vahetada vahetus lisame lisada paranda parandada
    parandage parandame täienda täiendada täpsustage hilinen hilineme hilineb hilinemisega varem tühistage
    tühistada tühista kustutage kustuta kustutada eemaldage eemalda eemaldada loobun loobume katkestame lükata
    edasilükkamine puudu puudub puuduvad puudus puudusid vale valed viga vead valesti probleem probleeme raske
    keeruline kätte saime lugesin lugesime loen loeme vaatan vaatame vaadata vaatab näen tean teame teate
    tuleb-arutada kirjutan kirjutame helistan helistame helistage helistada palume soovin soovime tahan tahame
    vajan vajame vaja vajab pean peame peab peaks peavad tuleb-lisada küsimus küsimusi küsimuse sest lisaks
    lisatingimus plaanin plaanime kuni pärast siis-kui ainuüksi hulgast väljaarvatud vähemalt umbes mõtted
    mõtte tähendab keegi tomorrow today now only just-one still next last previous other another some few part
    half colleague replace replaced change changed changing swap late earlier cancel cancelled remove delete
    decline refuse withdraw postpone postponed missing wrong error mistake problem issue received read look
    looking-into see understand know write call need needs must should would can like want wish question
    questions after before when where while plan until because least about monday tuesday wednesday thursday
    friday saturday sunday week month got noted ignore stop
""")
# Beside a no these take it back, unless they are themselves denied.
AFFIRMS = words("""
    tulen tuleme osalen osaleme osaleb osalevad jõuan jõuame saan saame saadan saadame kinnitan kinnitame
    kinnitasin kinnitasime vastasin vastasime luban lubame sobib võtan võtame hilinen hilineme ootan ootame
    küsimus küsimusi attend attending coming join joining confirm confirmed accept approve question questions
    late send sending
""")
# Beside a no these say that the person could not answer at all.
MEANS = words("""
    link linki lingid linke lingile vorm vormi vormile manus manust avane avada avanenud avaneb leia leidnud
    kirja kirjast aru teksti links form attachment open opening understand find click page
""")
POLITE_WORDS = words("""
    hurraa juhhuu uudis uudise uudist valituks osutumise usalduse usaldamast suurepärane suurepärase
    suurepäraselt news wonderful excellent oi oh vau wow done offer pakkumise pakkumist kutsete mentorile
    kõigest eestvedamise aitäh aitähh aitüma tänan täname tänud tänu tänades suur suured suuri ette kutse
    kutset kutsumast eest info infot infoks kirja palju thanks thank thx you so much for the invitation kind
    many invite information message your palun head kena ilusat ilus toredat mõnusat kaunist rahulikku päeva
    päevajätku päevajatku nädalat nädalavahetust õhtut hommikut nädalalõppu kevadet suve sügist talve jätku
    jõudu edu pühi pühade reedet pikka meelespidamast meeldetuletuse meeldetuletust vabandust vabandan
    vabandame vabandage kohtumiseni nägemist näeme kohtume peatse peatset varsti ootan ootame põnevusega
    huviga suure rõõmuga väga kõike kõigile teile sulle sind teid looking forward to it see soon meeting
    regards everyone all have a nice day great good weekend luck best very appreciate appreciated reminder
    võimaluse võimalus opportunity vastuse hoolitsuse ootama soovides meid tehtud töö mõistmise mõistmist
    mõistva suhtumise kohapeal töötoas üritusel programmis korraldamast korraldajatele teavitamast teavitamise
    teie sinu tervitused tervitades mõistate loodan-mõistate understanding viivituse viivitust hilise
    hilinenud hilist pärast delay late reply tore tubli tublid super vahva lahe hea good-luck õnne jõudu-jaksu
    jaksu kohtume-varsti cheers hugs kallistused päikest päikeselist ilusaid kaunilt algavat lõppu ning ja and
""")
POLITE_CORE = words("""
    hurraa juhhuu uudis uudise news wonderful excellent suurepärane suurepäraselt vau wow done tehtud aitäh
    aitähh aitüma tänan täname tänud tänu tänades thanks thank thx head kena ilusat toredat mõnusat kaunist
    rahulikku jõudu edu kohtumiseni nägemist näeme kohtume ootan ootame looking see nice great best luck
    cheers jaksu appreciate appreciated vabandust vabandan vabandame vabandage sorry päikest õnne tervitused
    good super tore vahva lahe päikeselist ilusaid kallistused
""")
GREETINGS = words("""
    tere tervist tervitus tervitused hei heips tsau tšau tsauki terekest terevist hommikust hommik õhtust
    päevast lõunat hi hello hey dear good morning afternoon evening greetings lugupeetud lp hea head kallis
    kallid armas austatud
""")
GREETED = words("""
    korraldaja korraldajad meeskond tiim teekond teekonna kõik kõigile all everyone team organisers organizers
    koordinaator koordinaatorid mentor mentorid sir madam colleagues kolleegid sõbrad rahvas inimesed teile
    sulle jälle taas taaskord veelkord koolitaja koolitajad teekonnale teekonnarahvas there again mr mrs ms
    folks jaksu jõudu hommikust õhtust päevast päeva hommikut õhtut lõunat kena ilusat head tere hommikul veel
    kord hästi
""")
CLOSINGS = phrases("""
    tervitades
    tervitustega|tervitusi|tervitused
    parimate|parimat|heade|sõbralike|päikeseliste|soojade|ilusate|kõige soovidega|tervitustega|soovides|tervitusega
    parimat
    parimat soovides
    lugupidamisega|lugupidamises|austusega
    mvh|lgp|lp|tervit|parimatega
    best|kind|warm|warmest|many|kindest regards|wishes
    regards
    best
    all best
    cheers
    br|kr|rgds
    sincerely|faithfully|respectfully
    yours|truly sincerely|faithfully|truly
    thanks|thank|tänades|tänuga
    thank you
    ette tänades
    teie|sinu
""")
CLOSING_BESIDE = words("teie sinu yours with very the kindest and many ja kõike head kõige")
DEVICE = re.compile(
    r"^\W*(saadetud|sent|get|hangi|hankige|laadi|envoyé|skickat|lähetetty|von meinem)\b.{0,80}"
    r"\b(minu|my|from|outlook|iphone|android|phone|telefonist|seadmest|mobile|gmail|proton|yahoo)\b",
    re.IGNORECASE,
)

# -- what may follow a bare yes: a sentence with none of these is something else than the answer -------------

ANCHORS = re.compile(
    r"\b(hea meel|room\w*|suureparane|super|tore|toredat|vahva|pone\w*|onnelik\w*|tanuli\w*|tanan|taname|aitah|"
    r"tulen|tuleme|tulevad|osalen|osaleme|osalevad|osaleb|kinnitan|kinnitame|noustu[nm]\w*|nous|vastu voetud|votame|"
    r"votan|kohal|olemas|platsis|valmis|ootame|ootan|naeme|kohtume|kohtumiseni|inspireeriv\w*|huvitav\w*|"
    r"nouded on|tingimused on|arutasime|raakisime|otsustasime|otsustatud|labi arutatud|"
    r"discussed|decided|talked|glad|happy|great|excited|delighted|looking forward|wonderful|perfect|attend\w*|coming|"
    r"confirm\w*|accept\w*|join\w*|ready|be there|you there|thank\w*|excellent|good)\b"
)
KIND_ANCHORS = {
    "verify": r"\b(saatsi\w*|esitasi\w*|sent|submitted|applied)\b",
    "consent": r"\b(liige|kuulun|member)\b",
    "confirm_place": r"\b(kogu tiim|terve tiim|kogu meeskon\w*|liitume|alustame)\b",
    "rsvp": r"\b(kohale|\w+kesi|kogu tiim|terve tiim|kogu meeskon\w*|jouan|jouame|see you)\b",
    "review": r"\b(hea|tubli\w*|pohjali\w*|korrali\w*|toredasti|selge|tugev|ilus|nice|solid|clear|strong|lahe|job|"
    r"asjali\w*|sisuka\w*|sisukas|arvestatud|suurepara\w*|veenev\w*)\b",
    "hours": r"\b(oige|oiged|klapib|klapivad|correct|right|korras)\b",
    "hours_check": r"\b(oige|oiged|klapib|klapivad|toimusid|correct|right|match|korras|tubli\w*)\b",
    "approve": r"\b(korras|tehtud|edasi|luban|ahead|approved?|fine|taidetud|oige|hea|tubli\w*|checked|done|vaatasin)\b",
}

FIRST_NAMES = words("""
    aare aarne ago ahti aivar aive alar aleksander aleksandr allan anders andre andres andrus andry ann anna
    anne anneli annika ants anu ardo argo arno arvo asko astrid avo birgit carl diana eda eero eha eike eke
    elena elina elle ellen elo ene enn epp eva eve evelin ege ester gerda gerli germo gert getter greete grete
    hanna hannes hanno hans heidi heiki heino helen helena helgi heli helje helle helve henn hendrik henri
    hillar hille ilme ilona imbi imre inga inge ingrid irina ivar ivi ivo jaak jaan jaana jaanika jaanus jana
    janar jane janek janne jarmo joel johan johanna joosep juhan julia juri jyri jüri kadi kadri kai kaidi
    kaido kaie kaili kaire kairi kaisa kaja kalev kalle kalmer karel karin karina karl karmen kart kärt kati
    katre katri katrin kauri keiu kelli kersti kert ketlin kerli kristel kristi kristiina kristjan kristo
    krista kristina külli küllike lagle laine laivi lea leelo leena lehte leho leida lembit lenna liane liia
    liina liis liisa liisi liivi lilian linda ly luule maarika maarja madis maie mait maive malle marge margit
    margus mari maria marie marek margo marika marina mario marko markus mart marten marti martin mati mats
    mattias meelis meeli meeri merike merle merlin mihkel mihhail mikk milvi mirjam moonika monika märt nele
    nikolai oleg olga olev oliver ott paavo paul pavel peep peeter pille piret piia priit priidik raimo rain
    raivo rando rasmus raul reelika reet reeli rein reigo reimo relika riho riina risto rita robert roland
    romet ruth saima sander sandra sergei siiri siim sigrid signe siret sirje sirli sten stella sulev svetlana
    taavi taimi tanel tarmo tatjana teele tea terje tiia tiina tiit tiiu toivo tomas toomas tõnis tõnu triin
    triinu tuuli uku ulla ulvi urmas urve uudo vaike vaiko valdo valdur valentina vello viivi viktor viktoria
    viljar villu virve vladimir ülle ülo ülvi ülari
""")

# Every word that some table knows: none of these is taken for a person's name.
KNOWN = (
    YES | NO | NEGATIONS | FILLERS | SORRY | DOUBT | HOLDS_A_YES | MEANS | POLITE_WORDS | GREETINGS
    | known(*YES_SAYS.values(), *NO_SAYS.values(), IDIOMS, CLOSINGS)
    | words("""
    seis abi status help tagasi return returned lisage loobume tund tundi tunni poolteist pool kaks kolm neli
    viis kuus seitse kaheksa minutit half hour hours two three four five six none nothing
""")
    | frozenset().union(*YES_BESIDE.values(), *NO_BESIDE.values())
)  # fmt: skip
