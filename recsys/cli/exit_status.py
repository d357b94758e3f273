"""Exit statuses of the command line that are neither success nor a crash."""

from __future__ import annotations

#: A mistake that the person at the keyboard can mend.
MISTAKE = 2
#: As shells report a program ended by Ctrl-C.
INTERRUPTED = 130
