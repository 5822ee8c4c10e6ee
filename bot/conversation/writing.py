"""A plan into one commit, with the keys that it makes and those that die with it."""

import time

from msgspec import structs

from bot.conversation.chores import ChoreMaker
from bot.conversation.house import House
from bot.conversation.in_time import due
from bot.conversation.plan import Plan, Terms
from bot.conversation.record import RECORD, encode
from bot.conversation.standing import Chore, Standing
from bot.store import Change, ChoreRow, Commit, End, Outcome, Owe, Stand


class Writer:
    """Writes the plans of conversations. It holds nothing of them."""

    def __init__(self, house: House, maker: ChoreMaker) -> None:
        self._house, self._maker = house, maker

    async def write(
        self, conversation: bytes, revision: int, plan: Plan, terms: Terms, updates: tuple[bytes, ...]
    ) -> tuple[Outcome, Standing | None]:
        """`revision` is the stored one. Returns where the conversation stands then, where it was WRITTEN.

        A plan that needs nothing on disk is written at once. Raises what the store raises: then nothing is changed, and
        no key is left over.
        """
        stays = plan.standing is not None and plan.standing.session.agreed
        changes: list[Change] = []
        if stays:
            assert plan.standing is not None
            record = self._house.keys.encrypt(conversation, RECORD, encode(_to_store(plan.standing)))
            changes.append(Stand(record, due(plan.standing, terms)))
        elif revision:
            changes.append(End())
        changes += plan.changes
        if not changes and not plan.owed:
            return Outcome.WRITTEN, plan.standing
        after = revision + 1 if stays or revision else 0
        outcome = await self._commit(conversation, after, changes, plan.owed, updates)
        standing = plan.standing if plan.standing is None else structs.replace(plan.standing, revision=after)
        if outcome is Outcome.WRITTEN and standing is None and revision:
            self._house.keys.destroy(conversation)
        return outcome, standing

    async def owe(self, conversation: bytes, chore: Chore) -> None:
        """A chore of somebody who is nobody any more."""
        await self._commit(conversation, 0, [], (chore,), ())

    async def _commit(
        self,
        conversation: bytes,
        revision: int,
        changes: list[Change],
        owed: tuple[Chore, ...],
        updates: tuple[bytes, ...],
    ) -> Outcome:
        rows = [self._maker.row(chore) for chore in owed]
        began = time.perf_counter()
        try:
            every = (*changes, *(Owe(row) for row in rows))
            outcome = await self._house.store.commit(Commit(conversation, revision, updates, every))
        except Exception:
            self._destroy(rows)
            raise
        if outcome is not Outcome.WRITTEN:
            self._destroy(rows)
        self._house.meter.took("commit", began)
        return outcome

    def _destroy(self, rows: list[ChoreRow]) -> None:
        for row in rows:
            self._house.keys.destroy(row.id)


def _to_store(standing: Standing) -> Standing:
    """Without what memory alone may know: a reading of our steady clock tells an instant."""
    return structs.replace(standing, thread=structs.replace(standing.thread, since=None))
