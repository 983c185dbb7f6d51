from wit_world.exports.endpoint import Response
from wit_world.imports.types import Param

class Endpoint(exports.Endpoint):
    """Answers HTTP requests under the install's own path, /apps/APP/plugins/NAME/…"""

    def handle(self, ctx, request):
        if request.path == "/hello":
            return page(200, f"Hello, {request.uid or 'stranger'}!")
        return page(404, "There is nothing here.")


def page(status, text):
    """Plain text."""
    return Response(status, [Param("content-type", "text/plain; charset=utf-8")], text.encode())
