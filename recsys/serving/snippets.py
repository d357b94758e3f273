"""A request for a list in the words of a shell, of Python and of JavaScript; each runs as it is."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

from recsys.serving.settings import ServiceSettings

_PYTHON = """\
import json
import urllib.request
{token}
request = urllib.request.Request(
    {address},
    data=json.dumps({body}).encode(),
    headers={headers},
)
with urllib.request.urlopen(request) as answer:
    for item in json.load(answer)["items"]:
        print(item["rank"], item["title"])
"""
_JAVASCRIPT = """\
{token}fetch({address}, {{
  method: "POST",
  headers: {headers},
  body: JSON.stringify({body}),
}})
  .then((answer) => answer.json())
  .then(({{ items }}) => items.forEach((item) => console.log(item.rank, item.title)));
"""


def snippets(settings: ServiceSettings, request: Mapping[str, Any]) -> dict[str, str]:
    """Language → code that asks a service for a list; the token is read from its file.

    Python needs no package, and JavaScript runs with Node 18 or later.
    """
    address = f"http://{settings.address}/v1/recommend"
    return {
        "curl": _curl(address, request, settings.token_file),
        "Python": _python(address, request, settings.token_file),
        "JavaScript": _javascript(address, request, settings.token_file),
    }


def _curl(address: str, request: Mapping[str, Any], token_file: str | None) -> str:
    parts = [f"curl {shlex.quote(address)}", "-H 'Content-Type: application/json'"]
    if token_file is not None:
        parts.append(f'-H "Authorization: Bearer $(cat {shlex.quote(token_file)})"')
    parts.append(f"-d {shlex.quote(json.dumps(request, ensure_ascii=False))}")
    return " \\\n  ".join(parts) + "\n"


def _python(address: str, request: Mapping[str, Any], token_file: str | None) -> str:
    headers, token = '{"Content-Type": "application/json"}', ""
    if token_file is not None:
        headers = '{"Content-Type": "application/json", "Authorization": f"Bearer {token}"}'
        token = f"\ntoken = open({token_file!r}).read().strip()"
    return _PYTHON.format(
        address=json.dumps(address), body=repr(dict(request)), headers=headers, token=token
    )


def _javascript(address: str, request: Mapping[str, Any], token_file: str | None) -> str:
    headers, token = '{ "Content-Type": "application/json" }', ""
    if token_file is not None:
        headers = '{ "Content-Type": "application/json", Authorization: `Bearer ${token}` }'
        file = json.dumps(token_file)
        token = f'const token = require("fs").readFileSync({file}, "utf8").trim();\n'
    return _JAVASCRIPT.format(
        address=json.dumps(address),
        body=json.dumps(dict(request), ensure_ascii=False),
        headers=headers,
        token=token,
    )
