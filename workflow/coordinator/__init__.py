"""Acts of the coordinator: config changes, adjustments, addresses, rewriting queued mails.

Must never act for anybody who has not signed in.
"""

__all__ = [
    "addresses", "adjustments", "audience", "config_change", "duty", "mail_hold", "mentors", "polls", "replying",
    "report_tokens", "rerender", "sending_again", "steps", "trial_mail", "writing", "written_mails",
]  # fmt: skip
