"""Figures, each measured beside something real in the same run: `make bench` writes bench/RESULTS.md.

One module a subject. Each offers TITLE and `run(times) -> list[Row]`; `bench/__main__.py` has the list.
"""
