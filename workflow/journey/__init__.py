"""Acts on teams and their people: applying, moving, sessions, submissions, mentoring, members, guests.

`moves` alone assigns a team's state; must never send anything.
"""

__all__ = [
    "attendance",
    "certificates",
    "departures",
    "details",
    "drafts",
    "guests",
    "invitations",
    "members",
    "mentoring",
    "moves",
    "reflection",
    "sessions",
    "submissions",
    "undecided",
    "verifying",
]
