"""What most people would write instead: python-telegram-bot's ConversationHandler, each answer in SQLite.

aiosqlite with synchronous=FULL and a commit before the answer, the same questions, as many buttons and edits. It seals
nothing, and confirms updates before they are written, as python-telegram-bot's own polling does.
"""

import logging
import sys

import aiosqlite
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    filters,
)

from bench.api import TOKEN
from bench.script import ACTIONS, Question, questions

Context = ContextTypes.DEFAULT_TYPE
SCHEMA = """
CREATE TABLE IF NOT EXISTS answers (chat INTEGER, step INTEGER, answer TEXT, PRIMARY KEY (chat, step));
CREATE TABLE IF NOT EXISTS chats (chat INTEGER PRIMARY KEY, step INTEGER);
"""


def keyboard(question: Question) -> InlineKeyboardMarkup | None:
    if not question.rows:
        return None
    rows = [[InlineKeyboardButton(label, callback_data=label[:30]) for label in row] for row in question.rows]
    return InlineKeyboardMarkup(rows)


class Peer:
    def __init__(self, path: str) -> None:
        self.path, self.asked = path, questions()

    async def open(self, application: Application) -> None:  # type: ignore[type-arg]
        self.db = await aiosqlite.connect(self.path)
        await self.db.execute("PRAGMA journal_mode=WAL")
        await self.db.execute("PRAGMA synchronous=FULL")
        await self.db.executescript(SCHEMA)

    async def ask(self, update: Update, step: int) -> int:
        question = self.asked[step] if step < len(self.asked) else Question("Your return number is 1234.", ())
        if update.callback_query:
            await update.callback_query.answer()
            await update.callback_query.edit_message_text(question.text, reply_markup=keyboard(question))
        elif update.message:
            await update.message.reply_text(question.text, reply_markup=keyboard(question))
        return step if step < len(self.asked) else ConversationHandler.END

    async def save(self, chat: int, step: int, answer: str) -> None:
        await self.db.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", (chat, step, answer))
        await self.db.execute("INSERT OR REPLACE INTO chats VALUES (?, ?)", (chat, step + 1))
        await self.db.commit()

    async def start(self, update: Update, context: Context) -> int:
        assert update.effective_chat is not None
        await self.save(update.effective_chat.id, -1, "/start")
        return await self.ask(update, 0)

    def take(self, step: int):  # type: ignore[no-untyped-def]
        async def handler(update: Update, context: Context) -> int:
            assert update.effective_chat is not None
            query = update.callback_query
            answer = query.data if query else (update.message.text if update.message else "")
            await self.save(update.effective_chat.id, step, answer or "")
            return await self.ask(update, step + 1)

        return handler


def main() -> None:
    logging.disable(logging.CRITICAL)
    peer = Peer(sys.argv[1] + "/peer.db")
    states = {}
    for step in range(len(ACTIONS)):
        handler = peer.take(step)
        states[step] = [CallbackQueryHandler(handler), MessageHandler(filters.TEXT & ~filters.COMMAND, handler)]
    application = (
        (Application.builder().token(TOKEN).base_url(f"{sys.argv[2]}/bot").concurrent_updates(False))
        .post_init(peer.open)
        .build()
    )
    application.add_handler(ConversationHandler([CommandHandler("start", peer.start)], states, []))  # type: ignore[arg-type]
    print("ready", file=sys.stderr, flush=True)
    application.run_polling(allowed_updates=Update.ALL_TYPES)


if __name__ == "__main__":
    main()
