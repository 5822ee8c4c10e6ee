"""A quick bot that keeps nothing: aiogram 3 with memory storage. The same questions, buttons and edits.

Nothing is written, nothing is sealed, a restart forgets everybody: a bound for how fast polling in Python can be.
"""

import asyncio
import logging
import sys

from aiogram import Bot, Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.fsm.storage.memory import MemoryStorage
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

from bench.api import TOKEN
from bench.script import Question, questions


def keyboard(question: Question) -> InlineKeyboardMarkup | None:
    if not question.rows:
        return None
    rows = [[InlineKeyboardButton(text=label, callback_data=label[:30]) for label in row] for row in question.rows]
    return InlineKeyboardMarkup(inline_keyboard=rows)


async def main() -> None:
    logging.disable(logging.CRITICAL)
    asked = [*questions(), Question("Your return number is 1234.", ())]
    bot = Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(sys.argv[2])))
    dispatcher = Dispatcher(storage=MemoryStorage())

    async def next_question(state: FSMContext, answer: str) -> Question:
        kept = await state.get_data()
        step = min(int(kept.get("step", -1)) + 1, len(asked) - 1)
        await state.update_data({"step": step, f"a{step}": answer})
        return asked[step]

    @dispatcher.message(CommandStart())
    async def start(message: Message, state: FSMContext) -> None:
        await state.clear()
        question = await next_question(state, "")
        await message.answer(question.text, reply_markup=keyboard(question))

    @dispatcher.message(F.text)
    async def said(message: Message, state: FSMContext) -> None:
        question = await next_question(state, message.text or "")
        await message.answer(question.text, reply_markup=keyboard(question))

    @dispatcher.callback_query()
    async def pressed(query: CallbackQuery, state: FSMContext) -> None:
        question = await next_question(state, query.data or "")
        await query.answer()
        if isinstance(query.message, Message):
            await query.message.edit_text(question.text, reply_markup=keyboard(question))

    print("ready", file=sys.stderr, flush=True)
    await dispatcher.start_polling(bot, handle_signals=False)


if __name__ == "__main__":
    asyncio.run(main())
