"""The control of the crash tests: the same application, but it answers first and commits afterwards.

Run as a program with the configuration file and the port as arguments.
"""

import sys
import time
from pathlib import Path

from flask import Flask, Response, g
from werkzeug.serving import make_server

from registry import request_scope
from registry.app import create_app
from registry.settings import read_settings


def answer_first(response: Response) -> Response:
    """Let the answer leave, and commit a little later."""
    current = g.get("scope")
    if current is None or current.done:
        return response
    session, current.session = current.session, request_scope.database().open()
    current.done = True

    def commit() -> None:
        time.sleep(0.1)
        session.commit()
        session.close()

    response.call_on_close(commit)
    return response


def careless_app(config: Path) -> Flask:
    """The application with its order turned round."""
    request_scope._finish = answer_first
    return create_app(read_settings(config))


if __name__ == "__main__":
    make_server("127.0.0.1", int(sys.argv[2]), careless_app(Path(sys.argv[1])), threaded=True).serve_forever()
