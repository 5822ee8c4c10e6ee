"""A plan into one commit, with the keys that it makes and those that die with it."""

import time

from msgspec import structs

from bot.conversation.chores import ChoreMaker
from bot.conversation.house import House
from bot.conversation.lifetime import due
from bot.conversation.plan import Plan, Terms
from bot.conversation.record import RECORD, encode
from bot.conversation.standing import Chore, Standing
from bot.store import Change, ChoreRow, Commit, End, Erase, Hand, Outcome, Owe, Stand
from bot.store.closed import close


class Writer:
    """Writes the plans of conversations. It holds nothing of them."""

    def __init__(self, house: House, maker: ChoreMaker) -> None:
        self._house, self._maker = house, maker

    async def write(
        self, conversation: bytes, before: Standing, plan: Plan, terms: Terms, updates: tuple[bytes, ...]
    ) -> tuple[Outcome, Standing | None]:
        """`before` is where it stands. Returns where the conversation stands then, where it was WRITTEN.

        A plan that needs nothing on disk is written at once. Raises what the store raises: then nothing is changed, and
        no key is left over.
        """
        revision = before.revision
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
            self._house.keys.forsake(conversation)
        if outcome is Outcome.WRITTEN and before.handed is not None and _replaces(plan):
            self._house.outbox_keys.forsake(before.handed.key)
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
        rows: list[ChoreRow] = []
        began = time.perf_counter()
        try:
            every = [self._closed(change) for change in changes]
            for chore in owed:
                rows.append(self._maker.row(chore))
            every += [Owe(row) for row in rows]
            outcome = await self._house.store.commit(Commit(conversation, revision, updates, tuple(every)))
        except Exception:
            self._destroy(rows, changes)
            raise
        if outcome is not Outcome.WRITTEN:
            self._destroy(rows, changes)
        self._house.meter.took("commit", began)
        return outcome

    def _closed(self, change: Change) -> Change:
        """What waits in the outbox waits closed, under a key of its own."""
        if isinstance(change, Hand):
            return Hand(close(self._house.outbox_keys, change.report), change.receipt)
        return change

    def _destroy(self, rows: list[ChoreRow], changes: list[Change]) -> None:
        for row in rows:
            self._house.keys.forsake(row.id)
        for change in changes:
            if isinstance(change, Hand):
                self._house.outbox_keys.forsake(change.report.key)


def _to_store(standing: Standing) -> Standing:
    """Without what memory alone may know: a reading of our steady clock tells an instant."""
    return structs.replace(standing, thread=structs.replace(standing.thread, since=None))


def _replaces(plan: Plan) -> bool:
    """A version that waited is replaced, or erased."""
    return any(isinstance(change, Hand | Erase) for change in plan.changes)
