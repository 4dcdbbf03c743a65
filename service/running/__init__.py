"""Running processes: listeners, workers, pages and the demo, started and stopped in order.

Must never act on a letter or a team itself.
"""

__all__ = ["components", "demo_controls", "installation", "process"]
