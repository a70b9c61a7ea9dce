# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""``POST /crm/intake/<key>``: the door for leads.

Odoo takes every JSON body for a JSON-RPC call before it looks at the path, reads it whatever its size, and opens a session
file for each request. Submissions turn off before all that: ``Root.__call__`` looks at the path (see the end of this file)
and :class:`Door` answers after one short transaction. A request that reaches Odoo's routing all the same came before this
module was loaded, while the server was starting: ``ir.http`` asks its sender to come again.
"""
import contextlib
import ipaddress
import logging
import socket
import threading
import time
from http import HTTPStatus
from urllib.parse import parse_qsl

import odoo
import psycopg2
from odoo import SUPERUSER_ID, api
from odoo.http import Root, db_list
from odoo.sql_db import PoolError
from odoo.tools import config
from psycopg2.extensions import TransactionRollbackError
from werkzeug.wrappers import Request

from ..engine.intake import MAX_BODY, Incoming, Refusal, accepted, refused

_logger = logging.getLogger(__name__)

INTAKE_PATH = "/crm/intake/"
#: In the environment of requests that the door has seen and left to Odoo
PASSED = "crm_core.intake.passed"
#: Submissions stored at the same time by one process. More wait their turn: they must not take all database connections
PARALLEL = 8
#: Seconds they wait before they are asked to come again
PATIENCE = 10
#: Seconds a sender may take to send its body
BODY_SECONDS = 20
#: Seconds for which the choice of the database is kept
DATABASE_SECONDS = 10
#: Bytes of a refused body that are taken off the wire after the answer, without which the sender would not get to read it
LINGER = 1024 * 1024
LINGER_SECONDS = 1
RETRY_AFTER = 2
ATTEMPTS = 3


class Door:
    """WSGI application for submissions, one per process."""

    def __init__(self):
        self._slots = threading.BoundedSemaphore(PARALLEL)
        self._databases = {}
        self._databases_lock = threading.Lock()

    def __call__(self, environ, start_response):
        """Answer the request; None if it is not for a database of the suite."""
        ack, linger = "receipt", False
        try:
            registry = self._get_registry(environ)
            if registry is None:
                return None
            length = self._check_head(environ)
            incoming = self._read(environ, length)
            ack, receipt, repeated = self._admit(registry, environ, incoming)
            status, content = accepted(ack, receipt, repeated)
            headers = []
        except Refusal as refusal:
            status, content = refused(getattr(refusal, "ack", ack), refusal)
            headers = self._get_headers(refusal)
            linger = status in (405, 411, 413)
        headers += [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(content))),
            ("Cache-Control", "no-store"),
        ]
        start_response("%d %s" % (status, HTTPStatus(status).phrase), headers)
        return self._answer_and_linger(content, environ) if linger else [content]

    @staticmethod
    def _get_headers(refusal):
        headers = []
        if refusal.status == 405:
            headers.append(("Allow", "POST"))
        if refusal.retry_after:
            headers.append(("Retry-After", str(refusal.retry_after)))
        return headers

    # ------------------------------------------------------------------
    # Request
    # ------------------------------------------------------------------
    @staticmethod
    def _check_head(environ):
        """Length of the body, before anything of it is read.

        :raise Refusal: 405, 411, 413, 400
        """
        if environ["REQUEST_METHOD"] != "POST":
            raise Refusal(405, "method", "Submissions are sent with POST.")
        length = environ.get("CONTENT_LENGTH") or ""
        if environ.get("HTTP_TRANSFER_ENCODING") or not length:
            raise Refusal(411, "length", "Send a Content-Length, not chunks.")
        if not (length.isascii() and length.isdigit()):
            raise Refusal(400, "length", "The Content-Length is not a number.")
        if len(length) > 9 or int(length) > MAX_BODY:
            raise Refusal(413, "size", "A submission has at most %d bytes." % MAX_BODY)
        return int(length)

    @staticmethod
    def _read(environ, length):
        """The request with its body, within :data:`BODY_SECONDS`.

        :raise Refusal: 400 when the sender stops early, 408 when it takes too long
        """
        stream, chunks, missing = environ["wsgi.input"], [], length
        end = time.monotonic() + BODY_SECONDS
        with _patience(stream, BODY_SECONDS):
            while missing:
                try:
                    chunk = getattr(stream, "read1", stream.read)(missing)
                except socket.timeout:
                    chunk = None
                if chunk is None or time.monotonic() > end:
                    raise Refusal(408, "timeout", "The body did not arrive within %d seconds." % BODY_SECONDS)
                if not chunk:
                    raise Refusal(400, "length", "The body is shorter than its Content-Length.")
                chunks.append(chunk)
                missing -= len(chunk)
        headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
        headers["content-type"] = environ.get("CONTENT_TYPE") or ""
        text = environ.get("QUERY_STRING", "")
        path = environ["PATH_INFO"] + ("?" + text if text else "")
        return Incoming(b"".join(chunks), headers, dict(parse_qsl(text[:2000])), time.time(), path)

    @staticmethod
    def _answer_and_linger(content, environ):
        """The answer, and then what is left of the body, to the bin. Closing at once would make the kernel throw the answer away."""
        yield content
        length = environ.get("CONTENT_LENGTH") or str(LINGER if environ.get("HTTP_TRANSFER_ENCODING") else 0)
        # not through werkzeug's decoder of chunks: one that lies about its size makes it crash the interpreter
        stream = getattr(environ["wsgi.input"], "_rfile", environ["wsgi.input"])
        left = min(LINGER, int(length[:9]) if length.isdigit() else 0)
        end = time.monotonic() + LINGER_SECONDS
        with contextlib.suppress(OSError, ValueError), _patience(stream, LINGER_SECONDS):
            while left > 0 and time.monotonic() < end:
                chunk = getattr(stream, "read1", stream.read)(min(left, 65536))
                if not chunk:
                    return
                left -= len(chunk)

    # ------------------------------------------------------------------
    # Database
    # ------------------------------------------------------------------
    def _get_registry(self, environ):
        """The registry of the database, chosen as Odoo does for a visitor without session; None if it is not one of ours.

        :raise Refusal: 503 while PostgreSQL is away
        """
        try:
            name = self._get_database(environ)
            if not name:
                return None
            threading.current_thread().dbname = name
            registry = odoo.registry(name)
        except (PoolError, psycopg2.OperationalError) as error:
            raise self.get_busy() from error
        return registry if "crm.intake.channel" in registry else None

    def _get_database(self, environ):
        by_host = "%" in (config["dbfilter"] or "")
        host = environ.get("HTTP_HOST", "") if by_host else ""
        known, until = self._databases.get(host, (None, 0))
        # One thread asks PostgreSQL; the others go on with what was right before, or wait if they know nothing
        if time.monotonic() < until or not self._databases_lock.acquire(blocking=not known):
            return known
        try:
            return self._find_database(host, environ)
        finally:
            self._databases_lock.release()

    def _find_database(self, host, environ):
        known, until = self._databases.get(host, (None, 0))
        if time.monotonic() < until:
            return known
        names = db_list(True, Request(environ))
        if not names:
            return known  # PostgreSQL may be away: what was right before is the better guess
        if len(self._databases) > 100:
            self._databases.clear()
        found = names[0] if len(names) == 1 else None
        self._databases[host] = (found, time.monotonic() + DATABASE_SECONDS)
        return found

    @staticmethod
    def get_busy():
        return Refusal(503, "busy", "The server is busy. Send it again in a moment.", retry_after=RETRY_AFTER)

    def _admit(self, registry, environ, incoming):
        """Store the submission and see to it that it is processed.

        :return: (acknowledgement, receipt, whether it was known)
        :raise Refusal: as :meth:`crm.intake.channel._admit`; 503 when there is no connection or no end of conflicts
        """
        key = environ["PATH_INFO"][len(INTAKE_PATH) :].rstrip("/")
        if not self._slots.acquire(timeout=PATIENCE):
            raise self.get_busy()
        try:
            for _attempt in range(ATTEMPTS):
                with contextlib.suppress(TransactionRollbackError):
                    return self._store(registry, key, incoming, self._get_address(environ))
        except (PoolError, psycopg2.OperationalError, psycopg2.InterfaceError) as error:
            _logger.warning("Submission refused: %s", error)
            raise self.get_busy() from error
        finally:
            self._slots.release()
        raise self.get_busy()

    @staticmethod
    def _get_address(environ):
        """IP address of the sender. Behind a proxy (``proxy_mode``) Odoo has put the one it reports there."""
        try:
            address = ipaddress.ip_address(environ.get("REMOTE_ADDR", ""))
        except ValueError:
            return None
        return getattr(address, "ipv4_mapped", None) or address

    def _store(self, registry, key, incoming, address):
        with registry.cursor() as cr:
            registry = self._follow_changes(registry, cr)
            env = api.Environment(cr, SUPERUSER_ID, {})
            channel = env["crm.intake.channel"]._get_door_channels().get(key)
            if not channel:
                raise Refusal(404, "channel", "There is no such channel.")
            try:
                receipt, repeated = env["crm.intake.channel"]._admit(channel, incoming, address)
            except Refusal as refusal:
                refusal.ack = channel.ack
                raise
            cr.commit()
            if not repeated:
                self._wake(env)
            return channel.ack, receipt, repeated

    @staticmethod
    def _follow_changes(registry, cr):
        """What :meth:`Registry.check_signaling` does, on the cursor at hand as long as nothing has changed."""
        cr.execute("SELECT r.last_value, c.last_value FROM base_registry_signaling r, base_cache_signaling c")
        if cr.fetchone() == (registry.registry_sequence, registry.cache_sequence):
            return registry
        return registry.check_signaling()

    @staticmethod
    def _wake(env):
        """The submission is safe already: nothing that goes wrong here is its sender's business."""
        try:
            env["crm.touchpoint"]._wake_processing()
            env.cr.commit()
        except Exception:
            env.cr.rollback()
            _logger.exception("The processing of submissions could not be woken")


@contextlib.contextmanager
def _patience(stream, seconds):
    """Limit how long a read from a request's stream waits, where it is a socket's."""
    sock = getattr(getattr(stream, "raw", None), "_sock", None)
    before = sock and sock.gettimeout()
    if sock:
        sock.settimeout(seconds)
    try:
        yield
    finally:
        if sock:
            sock.settimeout(before)


door = Door()
_call = Root.__call__


def _call_with_door(self, environ, start_response):
    """``Root.__call__``: submissions to the door, everything else to Odoo as ever."""
    if environ["PATH_INFO"].startswith(INTAKE_PATH):
        answer = door(environ, start_response)
        if answer is not None:
            return answer
        environ[PASSED] = True
    return _call(self, environ, start_response)


Root.__call__ = _call_with_door
