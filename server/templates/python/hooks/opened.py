import json
from wit_world.imports import messages_send

class Opened(exports.Opened):
    """Greets who opens a conversation for the first time."""

    def handle(self, ctx, opening):
        if opening.read_seq == 0:
            say(opening.conversation.id, f"Welcome, {opening.uid}!")
