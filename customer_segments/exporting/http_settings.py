"""What a destination that speaks HTTP can be told in destinations.yml."""

from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import httpx
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PositiveFloat,
    model_validator,
)

from customer_segments.exporting.problems import WrongSpec

NonNegative = Annotated[float, Field(ge=0)]


def plain_host(host: str) -> str:
    """A host as it is compared: lower case, without brackets and the last dot."""
    return host.strip().strip("[]").rstrip(".").lower()


class ConnectionSettings(BaseModel):
    """How a destination is reached, how often it is asked and how long."""

    # the value that is wrong may be a secret in the wrong place
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    allow_hosts: tuple[str, ...] = Field(
        (),
        description="Private or loopback hosts that are meant; http is allowed to"
        " these alone.",
    )
    ca_file: Path | None = Field(
        None,
        description="PEM file of an authority of one's own; none = the system's.",
    )
    requests_per_second: PositiveFloat | None = Field(
        None, description="Requests a second, retries included; none = as they come."
    )
    timeout_seconds: PositiveFloat = Field(
        30, description="One request with its whole answer."
    )
    retry_seconds: NonNegative = Field(
        300, description="All attempts of one request, waiting included."
    )
    backoff_seconds: NonNegative = Field(
        1, description="The first wait between attempts; each is twice the one before."
    )
    max_backoff_seconds: NonNegative = Field(
        60, description="The longest wait that the destination did not ask for."
    )
    poll_every_seconds: NonNegative = Field(
        5, description="How often an asynchronous job is asked."
    )
    poll_seconds: NonNegative = Field(
        900, description="How long an asynchronous job is waited for."
    )
    max_bad_rows: Annotated[int, Field(ge=1)] = Field(
        100,
        description="Bad rows that are searched for in a refused batch before it is"
        " given up.",
    )

    @property
    @abstractmethod
    def address(self) -> str:
        """The address whose scheme, host and port every request has."""

    @property
    def allowed(self) -> frozenset[str]:
        """The hosts of `allow_hosts` as they are compared."""
        return frozenset(plain_host(host) for host in self.allow_hosts)

    @model_validator(mode="after")
    def _is_safe(self) -> "ConnectionSettings":
        try:
            url = httpx.URL(self.address)
        except (httpx.InvalidURL, TypeError):
            raise ValueError("the address is no URL") from None
        if not url.host:
            raise ValueError("the address must be a whole one: https://host/…")
        if url.userinfo:
            raise ValueError("the address must not hold a name or a password")
        if url.scheme != "https" and not (
            url.scheme == "http" and plain_host(url.host) in self.allowed
        ):
            raise ValueError(
                "the address must begin with https://; http only to a host that"
                " allow_hosts names"
            )
        return self


class HttpSettings(ConnectionSettings):
    """Settings of an API: where it is, and which variable holds its token."""

    base_url: Annotated[str, AfterValidator(lambda url: url.rstrip("/"))] = Field(
        description="Address of the API, to which paths are added."
    )
    token_env: str = Field(
        "",
        description="Environment variable that holds the token; empty = none needed.",
    )

    @property
    def address(self) -> str:
        """Where the API is."""
        return self.base_url


def secret(environ: Mapping[str, str], name: str) -> str:
    """The value of an environment variable; WrongSpec names the variable alone."""
    value = environ.get(name, "").strip()
    if not value:
        raise WrongSpec(f"the environment variable {name} is not set; set it to run")
    if not (value.isascii() and value.isprintable()):
        raise WrongSpec(
            f"the environment variable {name} holds characters that no secret has;"
            " copy it again"
        )
    return value
