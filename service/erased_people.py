"""After a restore: whoever stands on the list of the erased is forgotten again."""

import json
from datetime import datetime

from mail.handling import letter_json as reading
from service import erased_list
from service.assembly import real_house
from service.invocation import Told
from workflow.privacy import erase_person as erasure


def forget_again(told: Told) -> int:
    """After a restore: whoever was erased since the copy was made is erased again."""
    noted = [json.loads(line) for line in erased_list.lines(told.data)]
    if not noted:
        return 0
    house, clock = real_house(told)
    known = [(each["mark"], datetime.fromisoformat(each["at"])) for each in noted]
    with house.db.writing() as session:
        done = erasure.reapply(
            house.season, session, known, clock.now(), keys=[key.encode() for key in house.keys.known],
            plain=reading.words,
        )  # fmt: skip
    erasure.scrub(house.db)
    return len(done)
