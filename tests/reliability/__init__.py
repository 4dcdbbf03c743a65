"""Harnesses that break the service on purpose and count: `make harden` runs them long, the tests run them short.

Each harness lives in a module of its own and offers `run(scale) -> list[Figure]`. Must never pass by finding nothing
to do: every figure says how much was done.
"""
