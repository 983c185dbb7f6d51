import json
from wit_world.exports.observer import EventKind, Interest
from wit_world.imports import messages_send
from wit_world.imports import timers

class Observer(exports.Observer):
    """Whoever writes `remind me` is reminded ten minutes later."""

    def interests(self):
        return Interest(events=[EventKind.MESSAGE_SENT], kinds=["text"])

    def handle(self, ctx, event):
        message = event.value
        if json.loads(message.body)["text"] == "remind me":
            payload = json.dumps({"conversation": message.conversation_id})
            timers.set(f"remind-{message.id}", timers.Schedule(ctx.now + 600_000, None, None), payload)


class Timer(exports.Timer):
    """Is called at the time that was set, however often the server was restarted in between."""

    def fire(self, ctx, firing):
        say(json.loads(firing.payload)["conversation"], "Here is your reminder.")
