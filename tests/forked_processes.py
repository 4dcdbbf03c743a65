"""Processes that a test kills or lets race, born by a parent that has read the service once; each for itself would take
longer to read it than for most of what it does. The parent opens no database and starts no thread."""

import multiprocessing

BORN = multiprocessing.get_context("forkserver")
BORN.set_forkserver_preload(["pytest", "tests.builders", "alembic.command"])
