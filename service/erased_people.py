"""After a restore, erases again whoever stands on the list of the erased."""

import json
from datetime import datetime

from mail.handling import reply_text
from service import erased_list
from service.assembly import real_house
from service.invocation import Invocation
from workflow.privacy import erase_person


def forget_again(told: Invocation) -> int:
    """After a restore: whoever was erased since the copy was made is erased again."""
    noted = [json.loads(line) for line in erased_list.lines(told.data)]
    if not noted:
        return 0
    house, clock = real_house(told)
    known = [(each["mark"], datetime.fromisoformat(each["at"])) for each in noted]
    with house.db.writing() as session:
        done = erase_person.reapply(
            house.season, session, known, clock.now(), keys=[key.encode() for key in house.keys.known],
            plain=reply_text.words_by(told.reader),
        )  # fmt: skip
    erase_person.scrub(house.db)
    return len(done)
