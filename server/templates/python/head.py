"""plugin-name: a Switchboard plugin. wit/world.wit says what it exports (does) and imports (may touch).

Each call runs in a fresh instance: nothing lasts in variables. What must last goes into kv. `wit_world` is generated
from wit/ when the component is built; `componentize-py -d wit -w plugin bindings .` writes it here, for editors.
"""

from wit_world import exports
from wit_world.exports.about import Description


class About(exports.About):
    def describe(self):
        return Description(summary="A Switchboard plugin", version="0.1.0", config_schema=None)
