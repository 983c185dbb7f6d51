from componentize_py_types import Err
from wit_world.exports.command import Definition, Outcome_Whisper
from wit_world.imports.types import Refusal

class Command(exports.Command):
    """Runs what users type after a slash. `/greet bob` whispers: only who typed it is told, and nothing is stored."""

    def commands(self):
        return [Definition(name="greet", usage="<name>", summary="Says hello", roles=[])]

    def run(self, ctx, sender, invocation):
        if not invocation.arguments:
            raise Err(Refusal("no_name", "Whom?"))
        return Outcome_Whisper(f"Hello, {invocation.arguments}!")

    def complete(self, ctx, sender, completion):
        return []
