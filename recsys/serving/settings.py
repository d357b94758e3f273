"""How a service is started: where it listens, and who may ask."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path

from recsys.schema import N_, ConfigError

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8600
#: Processes of one service, at most.
MAX_WORKERS = 16
#: Letters of a token: fewer are guessed, more fit in no header.
_SHORTEST, _LONGEST = 16, 1_000


@dataclass(frozen=True)
class ServiceSettings:
    """How a service is started.

    Attributes:
        run: the run that it begins with, as `find_run` takes it.
        host: the address of this machine that it listens at.
        port: from 1 to 65535.
        workers: how many processes answer.
        token_file: a file with the token that requests have to bring; None where none is asked.
    """

    run: str
    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    workers: int = 1
    token_file: str | None = None

    def __post_init__(self) -> None:
        """Raises `ConfigError` for what is not allowed."""
        if not 1 <= self.port <= 65_535:
            raise ConfigError(
                N_("The port is {port}. It has to be from 1 to 65535."), port=self.port
            )
        if not 1 <= self.workers <= MAX_WORKERS:
            raise ConfigError(
                N_("The number of workers is {workers}. It has to be from 1 to {most}."),
                workers=self.workers,
                most=MAX_WORKERS,
            )
        if not self.is_local and self.token_file is None:
            raise ConfigError(
                N_(
                    "At the address {host} other machines can reach the service. Give a token "
                    "that they have to send: --token-file FILE."
                ),
                host=self.host[:80],
            )

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def address(self) -> str:
        """Host and port, as in an address of the web."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def token(self) -> str | None:
        """The token that requests have to bring.

        Raises:
            ConfigError: if the file cannot be read, or what it holds is no token.
        """
        if self.token_file is None:
            return None
        try:
            token = Path(self.token_file).read_text("ascii").strip()
        except (OSError, ValueError) as error:
            raise ConfigError(
                N_("The token file {file} cannot be read."), file=self.token_file
            ) from error
        if not _SHORTEST <= len(token) <= _LONGEST or not token.isprintable() or " " in token:
            raise ConfigError(
                N_(
                    "The token file {file} has to hold one line of {shortest} to {longest} "
                    "letters, digits or signs, without spaces."
                ),
                file=self.token_file,
                shortest=_SHORTEST,
                longest=_LONGEST,
            )
        return token
