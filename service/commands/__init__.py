"""Commands of the command line, a function each; `teekond.py` lists them.

A command must never import another.
"""
