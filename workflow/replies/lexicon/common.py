"""Lexicon shared by all kinds of question, Estonian and English.

Nothing here decides anything. How tables are written: `notation`; what belongs to one kind of question: `yes` and
`no`; what leaves an answer open: `doubt`.
"""

import re

from workflow.replies.lexicon.doubt import DOUBT, HOLDS_A_YES, MEANS
from workflow.replies.lexicon.forms import OF_VERBS
from workflow.replies.lexicon.no import NO_BESIDE, NO_SAYS
from workflow.replies.lexicon.notation import fold, known, phrases, words
from workflow.replies.lexicon.yes import YES_BESIDE, YES_SAYS

# -- yes and no, whatever was asked --------------------------------------------------------------------------

YES = words("""
    jah jahh jaa jaah ja-jah jep jepp jup jess yes yess yep yeah yup ok okei okey okay oki okidoki muidugi ofc jap
    loomulikult kindlasti absoluutselt ikka nõus nõustun nõustume sure certainly definitely absolutely agree
    agreed kinnitan kinnitame kinnitatud confirm confirmed confirming affirmative
""")
BARE_YES = words("""
    jah jahh jaa jaah jep jepp jup jess yes yess yep yeah yup ok okei okey okay oki okidoki muidugi ofc jap
    loomulikult kindlasti absoluutselt ikka sure certainly definitely absolutely affirmative
""")
NO = words("ei eii no nope nah ei-ei eiei")
DENIALS = words("ei eii pole polnud mitte ega not never")  # of which two make a yes
NEGATIONS = words("""
    ei eii ära ärge ega pole polnud mitte põle no not never nope nah cannot cant dont wont didnt isnt wasnt
    doesnt without unable none nobody nothing neither nor ilma keegi ükski ühtegi mingit midagi
""")

# Words that say nothing by themselves, whatever stands beside them.
ENGLISH_FILLERS = words("""
    from pleasure truly really sincerely great surely answer indeed exactly gladly do did well
    was were me on just i we us our my the a an is are
    am be it this
    that to of for in at with and will all very much happily please herewith hereby also too so whole team
    happy glad pleased delighted both behalf fully absolutely definitely certainly course
""")
# How somebody does it; says nothing of whether.
MANNER = words("""
    meeleldi meelsasti kenasti ilusti toredasti rõõmsasti rõõmsalt innukalt tõsiselt siiralt südamest kindla raudselt
    täielikult vaieldamatult igatahes päriselt ausalt just ju nimelt eks jällegi suurima vaimustusega põnevusega
    uhkusega oh oi
""")
FILLERS = ENGLISH_FILLERS | MANNER | words("""
    vastus tõesti tõepoolest täpselt kirjas tänulikult olin olime hästi ma mina meie mu meil mul mulle meile
    meid mind te teie sa sina see selle seda sellele sellega olen oleme ja ning väga hea meelega rõõmuga
    suurima suure küll nimel siis ka ise omalt poolt poolest meiepoolne minupoolne nii täitsa täiesti kõik kõigega
    kogu terve tiim meeskond meeskonnaga tiimiga meeskonna tiimi koos kindlasti muidugi loomulikult heameelega
    igati samuti palun lihtsalt minupoolest meiepoolest otsus
""")
ENGLISH_SORRY = words("unfortunately sadly sorry afraid regret regretfully time thanks thank you")
SORRY = ENGLISH_SORRY | words("""
    sry kahjuks paraku regrettably vabandust vabandan vabandame kahju sedapuhku seekord kord korral sel sellel sellest
    unfortunately sadly sorry afraid regret time i'm regretfully
""")

IDIOMS = phrases("""
    ei|pole probleem|probleemi|probleeme
    ei|pole vastuväiteid|takistusi|küsimusi|märkusi|etteheiteid
    vastuväiteid|takistusi|märkusi|küsimusi pole|ei|polnud
    no problem|problems|worries|objections|questions|issues|doubt
    kahtlemata
    ei jätaks vahele
    ei jõua oodata
    not wait
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
    would like|love|delighted|happy|glad|pleased take|join|attend|participate|come
    soovin|soovime|tahan|tahame koha|kutse|pakkumise vastu võtta
    oi kui tore|vahva|lahe|hea
    nagu alati|ikka|kokkulepitud|lubatud|kirjas
    as always|agreed
    on kindel sõna|värk
""")
WISHES_BESIDE = words("would part programmis töötoas väga kindlasti selles sellel koolitusel oli olid oleme leppisime")
IDIOM_BESIDE = words("ära enam can ole mul meil mingit mingeid selles siin ühtegi at all whatsoever muidugi olnud")

# What may lead up to an answer: "otsustasime, et …", "kahjuks pean teatama, et …".
LEADS = phrases("""
    otsustasime|otsustasin|otsustanud|otsustas|otsustati|leppisime
    vald|volikogu|vallavalitsus|juhatus|meeskond|tiim|rahvas kinnitas|arutas
    jõudsime otsusele|järeldusele
    teatan|teatame|teavitan|teavitame
    annan|anname|andsin|andma teada
    pean|peame teatama|ütlema|tunnistama
    saan|saame|võin|võime öelda|kinnitada|teatada
    kinnitan|kinnitame|kinnituseks
    teatada|öelda|kinnitada kahju|kurb|meel|rõõm|rõõmuga
    kahju|kurb
""")
LEADS_BESIDE = words("""
    vastuseks päringule kirjale pöördumisele vald volikogu vallavalitsus juhatus rahvas täna eile oli noored küla kokku
    ametlikult kirjalikult omavahel
    on meel hea teile sulle siinkohal tiimiga meeskonnaga koos ühiselt arutasime arutelu järel soovin soovime tahan
    tahame üksmeelselt siis lõpuks käesolevaga
""")
READ_THROUGH = phrases("""
    lugesin|lugesime|vaatasin|vaatasime|vaadatud|loetud läbi|üle
    read|checked|reviewed through|it
""")
# The verb of the question, taken up after a yes.
ECHOES = words("saan saame olen oleme võtan võtame sobib sobivad on oli can do will are was")
# What a wish begins with; "head tööd" is one, "hea töö" is praise.
WISHING = words("edu jõudu jaksu ilusat kaunist kena toredat mõnusat rõõmsat päikest päikeselist luck")
THANKS = words("aitäh tänan täname tänud tänu thanks thank tervita tervitused tervitusi")

# -- politeness ------------------------------------------------------------------------------------------------------

POLITE_WORDS = words("""
    lisaks kiiresti vastasite
    hurraa juhhuu uudis uudise uudist valituks osutumise usalduse usaldamast suurepärane suurepärase
    suurepäraselt news wonderful excellent oi oh vau wow done offer pakkumise pakkumist kutsete mentorile
    kõigest eestvedamise aitäh aitähh aitüma tänan täname tänud tänu tänades edasiseks edaspidiseks suur suured
    suuri ette kutse
    kutset kutsumast eest info infot infoks kirja palju thanks thank thx you so much for the invitation kind
    many invite information message your palun head kena ilusat ilus toredat mõnusat kaunist rahulikku päeva
    päevajätku päevajatku nädalat nädalavahetust õhtut hommikut nädalalõppu kevadet suve sügist talve jätku
    jõudu edu pühi pühade reedet pikka meelespidamast meeldetuletuse meeldetuletust vabandust vabandan
    vabandame vabandage kohtumiseni nägemist näeme kohtume peatse peatset varsti ootan ootame põnevusega
    huviga suure rõõmuga väga kõike kõigile teile sulle sind teid looking forward to it see then there soon meeting
    regards everyone from all have a nice day great good weekend luck best very appreciate appreciated reminder
    võimaluse võimalus opportunity vastuse hoolitsuse ootama jään jääme soovides meid tehtud töö mõistmise mõistmist
    mõistva suhtumise kohapeal töötoas üritusel programmis korraldamast korraldajatele teavitamast teavitamise
    teie sinu tervitused tervitades mõistate loodan-mõistate understanding viivituse viivitust hilise
    hilinenud hilist pärast delay late reply tore tubli tublid super vahva lahe hea good-luck õnne jõudu-jaksu
    jaksu kohtume-varsti greetings cheers hugs kallistused päikest päikeselist ilusaid kaunilt algavat lõppu ning ja and
""")
POLITE_CORE = words("""
    hurraa juhhuu uudis uudise news wonderful excellent suurepärane suurepäraselt vau wow done tehtud aitäh
    aitähh aitüma tänan täname tänud tänu tänades thanks thank thx head kena ilusat toredat mõnusat kaunist
    rahulikku jõudu edu kohtumiseni nägemist näeme kohtume ootan ootame ootama looking see nice great best luck
    cheers jaksu appreciate appreciated vabandust vabandan vabandame vabandage sorry päikest õnne tervitused
    good super tore vahva lahe päikeselist ilusaid kallistused greetings
""")
# "Selge, aitäh": it has arrived, and says nothing more.
ACKNOWLEDGING = words("""
    selge selgeks selgus sain saime kätte teada arusaadav arusaadavalt mõistan mõistame ok okei oki hästi väga
    got it noted received understood clear
""")
GREETINGS = words("""
    tere tervist tervitus tervitused hei heii heips tsau tšau tsauki terekest terevist hommikust hommik õhtust
    päevast lõunat hi hello hey dear good morning afternoon evening greetings lugupeetud lp hea head kallis
    kallid armas austatud
""")
GREETED = words("""
    korraldaja korraldajad programmi meeskond tiim teekond teekonna kõik kõigile all everyone team organisers organizers
    koordinaator koordinaatorid mentor mentorid sir or madam colleagues kolleegid sõbrad rahvas inimesed teile
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
    r"\b(hea meel|room\w*|suureparane|super|tore|toredat|vahva|pone\w*|onnelik\w*|elevil|uhk[ue]\w*|thrilled|"
    r"tanuli\w*|tanan|taname|aitah|"
    r"tulen|tuleme|tulevad|osalen|osaleme|osalevad|osaleb|kinnitan|kinnitame|noustu[nm]\w*|nous|vastu voetud|votame|"
    r"votan|kohal|olemas|platsis|valmis|ootame|ootan|naeme|kohtume|kohtumiseni|inspireeriv\w*|huvitav\w*|"
    r"nouded on|tingimused on|arutas(?:in|ime|id)?|raakisime|otsustasime|otsustatud|labi arutatud|"
    r"discussed|decided|talked|glad|happy|great|excited|delighted|looking forward|wonderful|perfect|attend\w*|coming|"
    r"confirm\w*|accept\w*|join\w*|ready|be there|you there|thank\w*|excellent|good)\b"
)

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
    | OF_VERBS
    | frozenset().union(*YES_BESIDE.values(), *NO_BESIDE.values())
)  # fmt: skip


def like_name(word: str) -> bool:
    return (word[0].isupper() and fold(word) not in KNOWN) or fold(word) in FIRST_NAMES
