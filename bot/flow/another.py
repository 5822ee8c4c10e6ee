"""Another report by the same person, about somebody else: a case worker tells of the tenth today. Pure."""

from msgspec import structs

from bot.flow.model import Flow
from bot.flow.session import Session, change
from bot.flow.step import start
from bot.flow.values import Answer


def go_on(flow: Flow, before: Session, fresh: Session) -> Session:
    """`fresh` at its first question, without those whose answers stay (role `another`).

    What was agreed to by a rule alone, in danger, is asked for like anything else.
    """
    role = flow.roles.another
    kept: dict[str, Answer] = {}
    for step in role.keeps if role is not None else ():
        answer = before.answers.get(step)
        if answer is None or answer.state != "answered" or answer.parts or answer.by_rule:
            continue
        if role is not None and not role.but.get(step, frozenset()).isdisjoint(answer.values):
            continue
        kept[step] = structs.replace(answer, sitting=fresh.sitting, message=None)
    agreed = any(
        option.does == "start"
        for step, answer in kept.items()
        for option in flow.steps[step].options
        if option.id in answer.values
    )
    return start(flow, change(fresh, answers=kept, agreed=agreed))
