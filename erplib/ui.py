# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Words to the person at the terminal: steps with their time, and errors that say what to do next."""

import time
from contextlib import contextmanager


class ErpError(Exception):
    """A failure the user can do something about.

    :param message: what went wrong
    :param hint: what to do next, one sentence
    :param code: exit code of the script (1 failure, 2 wrong use, 3 this machine can't, 4 network)
    """

    def __init__(self, message, hint="", code=1):
        super().__init__(message)
        self.hint = hint
        self.code = code


def say(text=""):
    print(text, flush=True)


@contextmanager
def step(title):
    """Announce a step, and how long it took."""
    print(f"• {title} …", flush=True)
    start = time.monotonic()
    yield
    print(f"  {title}: {time.monotonic() - start:.1f} s", flush=True)
