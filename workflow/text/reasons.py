"""Translatable reasons that the service itself gives for a step: one sentence in the books, said in its reader's
language.

What people write as a reason is kept and shown word for word; only these few sentences are ever translated. Pure.
"""

from typing import Final

from workflow.text.bilingual import Text

NOT_CONFIRMED: Final = Text(et="Kohta ei kinnitatud tähtajaks.", en="The place was not confirmed in time.")
SETTLED: Final = {
    "left": Text(et="Arvestati seda, mis alles oli.", en="What was left was counted."),
    "fits": Text(et="Need tunnid arvestati.", en="These hours were counted."),
    "grant": Text(et="Tunde anti juurde.", en="More hours were granted."),
    "drop": Text(et="Neid tunde ei arvestatud.", en="These hours were not counted."),
}
"""what was done with hours that were held, by the coordinator's choice; `fits` where granting took no more than was
left"""

_OURS: Final = {text.et: text for text in (NOT_CONFIRMED, *SETTLED.values())}


def said(why: str) -> Text:
    """A reason as it stands in the books, in both languages where it is the service's own."""
    return _OURS.get(why) or Text(et=why, en=why)
