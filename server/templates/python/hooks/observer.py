import json
from wit_world.exports.observer import EventKind, Interest
from wit_world.imports import log
from wit_world.imports import messages_send

class Observer(exports.Observer):
    """Hears of every message after it is stored, at least once each. What it sends and stores is there once."""

    def interests(self):
        return Interest(events=[EventKind.MESSAGE_SENT], kinds=["text"])

    def handle(self, ctx, event):
        message = event.value
        uid = message.sender.uid
        text = json.loads(message.body)["text"]
        if uid is not None and text.strip().lower() == "hello":
            log.write(log.Level.INFO, f"{uid} says hello")
            say(message.conversation_id, f"Hello, {uid}!")
