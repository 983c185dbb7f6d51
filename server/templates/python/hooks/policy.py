import json
from wit_world.exports.policy import AttemptKind, OnFailure, Rule, Verdict_Allow, Verdict_Refuse
from wit_world.imports.types import Refusal

class Policy(exports.Policy):
    """Is asked before something happens: allows, changes or refuses it."""

    def rules(self):
        return Rule(attempts=[AttemptKind.SEND], kinds=["text"], priority=0, on_failure=OnFailure.OPEN)

    def check(self, ctx, sender, attempt):
        if "://" in json.loads(attempt.value.body)["text"]:
            return Verdict_Refuse(Refusal("no_links", "Links are not welcome here."))
        return Verdict_Allow()
