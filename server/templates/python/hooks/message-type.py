import json
from componentize_py_types import Err
from wit_world.exports.message_type import Kind
from wit_world.imports.types import Refusal

class MessageType(exports.MessageType):
    """Owns the kind `mood`: says what its body must be, completes it, and puts it in words."""

    def kinds(self):
        schema = {"type": "object", "properties": {"mood": {"type": "string"}}, "required": ["mood"]}
        return [Kind("mood", json.dumps(schema))]

    def check(self, ctx, sender, draft):
        mood = json.loads(draft.body)["mood"]
        face = {"happy": "🙂", "sad": "🙁"}.get(mood)
        if face is None:
            raise Err(Refusal("unknown_mood", "A mood is happy or sad."))
        return json.dumps({"mood": mood, "face": face})

    def summarise(self, kind, body):
        return "[Mood]"
