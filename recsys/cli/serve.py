"""`serve`: a run as a service over HTTP."""

from __future__ import annotations

import argparse

from recsys.cli.create import find_run
from recsys.serving.serve import serve as answer
from recsys.serving.service import Service
from recsys.serving.settings import ServiceSettings


def serve(arguments: argparse.Namespace) -> int:
    """Answer until a signal ends it; the exit status is 0 then."""
    find_run(arguments.run)  # says how a run ended that did not get to its end
    settings = ServiceSettings(
        run=arguments.run,
        host=arguments.host,
        port=arguments.port,
        workers=arguments.workers,
        token_file=arguments.token_file,
    )
    service = Service(arguments.into) if arguments.into else Service.create(settings)
    return answer(settings, service)
