"""DBOS at the same work, in its own environment: `python durable_dbos.py SYSTEM_URL BOOKS_URL LETTERS` tells
letters a second.

A letter is a workflow of two steps out of a durable queue: its bytes are looked at, and the books are written in one
transaction of theirs. Not part of the product; imports nothing of it.
"""

import hashlib
import logging
import sys
import time

import sqlalchemy as sa
from dbos import DBOS

logging.disable(logging.WARNING)
system, books, letters = sys.argv[1], sys.argv[2], int(sys.argv[3])
DBOS(config={"name": "bench", "system_database_url": system, "run_admin_server": False, "log_level": "ERROR"})
engine = sa.create_engine(books)


@DBOS.step()
def look_at(number: int) -> str:
    return hashlib.sha256(b"%d" % number * 400).hexdigest()


@DBOS.step()
def act(number: int, digest: str) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE bench_teams SET state = 'next' WHERE id = :n"), {"n": number})
        history = sa.text("INSERT INTO bench_history (team, said) VALUES (:n, :d)")
        connection.execute(history, {"n": number, "d": digest})
        mails = [{"n": number, "b": "x" * 500} for _ in range(4)]
        connection.execute(sa.text("INSERT INTO bench_mails (team, body) VALUES (:n, :b)"), mails)


@DBOS.workflow()
def answer(number: int) -> None:
    act(number, look_at(number))


def done() -> int:
    with engine.connect() as connection:
        return int(connection.scalar(sa.text("SELECT count(*) FROM bench_history")) or 0)


DBOS.launch()
queue = DBOS.register_queue("letters", worker_concurrency=8, polling_interval_sec=0.01)
began = time.perf_counter()
for one in range(1, letters + 1):
    queue.enqueue(answer, one)
while done() < letters:
    time.sleep(0.02)
print(letters / (time.perf_counter() - began), flush=True)
DBOS.destroy()
