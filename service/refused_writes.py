"""What a command says that cannot write, or look, where it must: one sentence with the place and the reason.

Must never put into one sentence what is a mistake of ours.
"""

import sqlite3

import sqlalchemy as sa

from service import os_errors
from service.assembly import lost
from workflow.database import outage


def sentence(error: BaseException) -> str | None:
    """None where the error is not the folder's, the disk's or the database's."""
    if isinstance(error, OSError) and error.errno in os_errors.REFUSED:
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{os_errors.why(error)}. Nothing more was done"
    if isinstance(error, sa.exc.SQLAlchemyError | sqlite3.Error) and outage.is_refusal(error):
        return f"{lost(error, 'the database')}. Nothing more was done"
    return None
