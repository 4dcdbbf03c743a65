"""The commands, each a function of its own name. `teekond.py` lists them and loads the one that is asked for."""
