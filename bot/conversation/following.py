"""What follows once a plan is written: words to be said, reports that leave, numbers looked up, last words."""

from bot.conversation.chores import carry_out
from bot.conversation.house import House
from bot.conversation.needs import Door
from bot.conversation.plan import Anew, CarryOut, Count, Guess, Plan, ReportLeaves, Say
from bot.conversation.speaking import Speaker
from bot.conversation.standing import Chore
from bot.store import Hand


def follow(
    house: House, door: Door, conversation: bytes, plan: Plan, speaker: Speaker, before: Speaker, rest: float
) -> None:
    """`before` spoke until the plan was written; after an ending `speaker` is another one. Nobody waits for this.

    `rest` is how long (seconds) a new message waits where many others do.
    """
    handed = plan.standing.handed if plan.standing is not None else None
    if handed is not None and any(isinstance(change, Hand) for change in plan.changes):
        door.handed(handed.report, handed.version, conversation)
    for each in plan.after:
        match each:
            case Say(blocks, ask, edits):
                speaker.say(blocks, ask=ask, edits=edits, rest=rest if ask and not edits else 0.0)
            case Anew(_, say):
                speaker.say(say, ask=True)
            case ReportLeaves():
                house.wake_handoff()
            case Count():
                door.today.count(conversation)
            case Guess(number):
                door.guess(conversation, number)
            case CarryOut(chore):
                door.spawn(_last_word(house, door, before, chore))
    if plan.owed:
        door.spawn(_last_word(house, door, before if plan.standing is None else None, None))


async def _last_word(house: House, door: Door, quiet: Speaker | None, chore: Chore | None) -> None:
    """After what is under way, so that nothing comes after it."""
    if quiet is not None:
        await quiet.hush()
    if chore is not None:
        await carry_out(house, chore)
    else:
        door.chores.wake()
