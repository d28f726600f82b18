"""The postman: sends queued messages after the transaction that promised them.

A mail server may take seconds or be down; no answer waits for it. The postman opens its own short transactions: one
takes a message in hand, then it is delivered with no transaction open (on SQLite an open one would stop every writer),
then one notes that it went. A process that dies in between leaves the message to be taken up again, so that it goes at
least once.
"""

from registry.database import Database
from registry.services import mail
from registry.services.rounds import Rounds

__all__ = ["Postman"]


class Postman(Rounds):
    """Sends what waits when it is woken, and once a minute what could not go before."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, "postman", mail.send_waiting)
