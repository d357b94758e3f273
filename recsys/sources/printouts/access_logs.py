"""Logs of web servers → who asked for which page, and when.

Apache and nginx write the common and the combined format
(https://httpd.apache.org/docs/current/logs.html), IIS the extended one of the W3C
(https://www.w3.org/TR/WD-logfile). A status, the bytes sent and the browser are neither.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from recsys.schema import ITEM_ID, N_, TIMESTAMP, USER_ID, DataError, Message
from recsys.sources.text.laid_out import first_lines, laid_out, lines_of
from recsys.sources.text.layouts import Layout

_MOST = 0.9
_LINE = re.compile(
    r'(?:\S+:\d+ )?\S+ \S+ (?P<user>"[^"]*"|[^\["]*?) '
    r"\[(?P<day>\d{1,2})/(?P<month>[A-Z][a-z]{2})/(?P<year>\d{4})"
    r":(?P<clock>\d\d:\d\d:\d\d)(?P<zone> [+-]\d{4})?\] "
    r'"(?:(?P<method>[A-Z]+) )?(?P<path>(?:[^"\\]|\\.)*?)(?: HTTP/[\d.]+)?" (?P<status>\d{3}|-)\b.*'
)
_MONTHS = {
    name: f"{number:02d}"
    for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)
}
#: What a page brings along with it.
_PART = re.compile(
    r"[^?#]*\.(?:css|js|mjs|map|png|jpe?g|gif|svg|ico|webp|woff2?|ttf|eot)(?:[?#].*)?|/robots\.txt",
    re.IGNORECASE,
)
_NAMES = [USER_ID, ITEM_ID, TIMESTAMP]
_FIELDS = "#Fields:"
_NOBODY = ("", "-", "–")

_Request = tuple[str, str, str, str]  # user, path, time, status


def access_log(text: bytes, filename: str) -> Layout | None:
    """The requests of people who were logged in; None where it is no log of a web server.

    Requests that failed, and those for what belongs to a page, such as pictures, are left out.

    Raises:
        DataError: nobody was logged in.
    """
    filled = [line for line in first_lines(text) if line.strip()]
    extended = any(line.startswith(_FIELDS) and " cs-uri-stem" in line for line in filled[:10])
    fit = sum(bool(_LINE.fullmatch(line)) for line in filled)
    if not extended and (len(filled) < 2 or fit < _MOST * len(filled)):
        return None
    lines = lines_of(text)
    requests = _extended(lines) if extended else [_request(line) for line in lines]
    if not any(request[0] for request in requests if request):
        raise DataError(
            N_(
                "{filename} is the log of a web server in which nobody is logged in: it says which "
                "addresses of the internet asked for a page, not who. Export the views from your "
                "shop or your statistics, with a column for the visitor, the page and the time."
            ),
            filename=filename,
        )
    parts = [bool(request and _PART.fullmatch(request[1])) for request in requests]
    found = sum(request is not None for request in requests)
    only_pages = sum(parts) < 0.9 * found
    rows: list[Sequence[str] | None] = []
    nobody = left = 0
    for request, part in zip(requests, parts, strict=True):
        if request is None or not request[0]:
            nobody += request is not None
            rows.append(None)
        elif request[3] >= "4" or (part and only_pages):
            left += 1
            rows.append(None)
        else:
            rows.append(request[:3])
    note = N_(
        "{filename} is the log of a web server: who was logged in was taken for the user, what was "
        "asked for is the item. Left out: requests of nobody: {nobody}; requests that failed, or "
        "for pictures and other parts of a page: {left}."
    )
    said = {"filename": filename, "nobody": nobody, "left": left}
    return laid_out(rows, _NAMES, [Message(note, said)])


def _request(line: str) -> _Request | None:
    match = _LINE.fullmatch(line)
    if match is None or match["month"] not in _MONTHS:
        return None
    user = match["user"].strip().strip('"')
    date = f"{match['year']}-{_MONTHS[match['month']]}-{int(match['day']):02d}"
    time = f"{date} {match['clock']}{match['zone'] or ''}"
    return "" if user in _NOBODY else user, match["path"], time, match["status"]


def _extended(lines: Sequence[str]) -> list[_Request | None]:
    """The requests of a log whose lines begin with the names of their fields; times are UTC."""
    names: list[str] = []
    found: list[_Request | None] = []
    for line in lines:
        if line.startswith(_FIELDS):
            names = line[len(_FIELDS) :].split()
        row = dict(zip(names, line.split(), strict=False))
        path = row.get("cs-uri-stem", "")
        if line.startswith("#") or not path:
            found.append(None)
            continue
        query = row.get("cs-uri-query", "-")
        user = row.get("cs-username", "-")
        time = f"{row.get('date', '')} {row.get('time', '')}".strip()
        found.append(
            (
                "" if user in _NOBODY else user,
                path if query in _NOBODY else f"{path}?{query}",
                f"{time}Z" if row.get("time") else time,
                row.get("sc-status", "-"),
            )
        )
    return found
