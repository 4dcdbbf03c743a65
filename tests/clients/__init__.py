"""Real mail programs with windows, each driven as its user drives it: `make clients`.

The service's mails go by Postfix into Dovecot's mailboxes, the programs read them there and answer through Postfix,
and what came of each reply is compared with what its writer meant. The letters are kept in `tests/data/client_letters`,
where the ordinary tests read them again without any of the programs.
"""
