"""A registry on a loopback port, in place of a real one, and its side of the list of stolen marks."""

import base64
import hashlib
import hmac
import json
import random
import secrets
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from scanner.enrolment import Enrolment

ANSWER = {
    "verdict": "identified",
    "grade": 4,
    "candidates": [
        {
            "kit_code": "SDNA-4K7Q-2M9X",
            "grade": 4,
            "posterior": 0.9999,
            "item": "Cykel, Crescent",
            "reported_stolen": True,
        }
    ],
    "supplier": None,
    "searched": 1000,
}


SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
REGISTRY_KEY = X25519PrivateKey.from_private_bytes(bytes(range(32)))


class ListSigner:
    """A registry's side of the list of stolen marks, as the contract has it; hashes cost next to nothing."""

    def __init__(self):
        self.key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
        self.public = self.key.public_key().public_bytes_raw()

    def content(self, listed, nonce, size=64, **changes):
        """What a registry sends: length, header, signature, entries."""
        key, salt, entries = secrets.token_bytes(32), bytes(16), set()
        for mark in listed:
            slow = hash_secret_raw(
                mark.encode(), salt, time_cost=1, memory_cost=8, parallelism=1, hash_len=32, type=Type.ID
            )
            entries.add(hmac.digest(key, slow, "sha256")[:8])
        while len(entries) < size:
            entries.add(secrets.token_bytes(8))
        joined = b"".join(sorted(entries))
        header = {
            "version": 1,
            "nonce": nonce,
            "issued_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "valid_seconds": 86_400,
            "marks": len(listed),
            "entry_bytes": 8,
            "key": base64.b64encode(key).decode(),
            "salt": base64.b64encode(salt).decode(),
            "memory_kib": 8,
            "passes": 1,
            "entries_sha256": hashlib.sha256(joined).hexdigest(),
            **changes,
        }
        told = json.dumps(header).encode()
        return len(told).to_bytes(4, "big") + told + self.key.sign(told) + joined


class RegistryDouble:
    """A registry on a loopback port that keeps to the contract, and can be told to break it.

    ``faults`` are taken from the front, one a request: (status, headers, body) to answer with, or "lose" to take the
    reading and hang up without an answer. ``loss`` is the share of answers lost at random.
    """

    def __init__(self, unsealed):
        self.idempotent = True
        self.faults = []
        self.loss = 0.0
        self.closed_cases = set()
        self.rows = []
        self.keys = {}
        self.requests = 0
        self.token = "station-token"
        self.codes = set()
        self.attachments = []
        self.findings = []
        self.items = []
        self.public_key = ""
        self.unsealed = unsealed
        self.signer = ListSigner()
        self.stolen = None
        self.lists_given = 0
        self.closed = False
        self.message_key = REGISTRY_KEY.public_key().public_bytes_raw()
        self.random = random.Random(17)
        self.mutex = threading.Lock()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.thread.start()

    def reading_ids(self):
        return [row["reading_id"] for row in self.rows]

    def close(self):
        self.closed = True
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def enrolment(self):
        """What a station that was enrolled here keeps."""
        return Enrolment(
            self.address, "Station Lund 1", "Polisen", self.message_key, self.token, list_key=self.signer.public
        )

    def enrol(self, asked, _authorization):
        """(status, content) for a machine that wants to be a station."""
        if asked["code"] not in self.codes:
            return 404, {"title": "Not Found", "detail": "The code does not hold."}
        self.public_key = asked["public_key"]
        key = base64.b64encode(self.message_key).decode()
        who = {"name": "Station Lund 1", "organisation": "Polisen", "message_key": key, "list_key": self.list_key()}
        return 201, {**who, "token": self.token}

    def list_key(self):
        return base64.b64encode(self.signer.public).decode()

    def give_list(self, asked, authorization):
        """(status, content) for a station that asks for the list of stolen marks."""
        if authorization != f"Bearer {self.token}":
            return 401, {"title": "Unauthorized"}
        if self.stolen is None:
            return 404, {"title": "Not Found"}
        self.lists_given += 1
        return 200, self.signer.content(self.stolen, asked["nonce"])

    def take(self, sent):
        """(status, content) for a message, as the contract has it."""
        body, envelope = self.unsealed(sent), json.loads(sent)
        key = f"{envelope['segment']}:{envelope['sequence']}"
        if body["case_number"] in self.closed_cases:
            return 404, {"title": "No such open case"}
        earlier = self.keys.get(key) if self.idempotent else None
        if earlier:
            if earlier[0] != sent:
                return 409, {"title": "Conflict", "detail": "key reused"}
            return 200, {**earlier[1], "duplicate": True}
        if "finding_id" in body:
            self.findings.append((key, body))
            told = {"id": len(self.findings), "duplicate": False, "reading_id": body["finding_id"]}
            self.keys[key] = (sent, {**told, "verdict": "attached"})
            return 201, self.keys[key][1]
        if "seized_item" in body:
            self.attachments.append((body["reading_id"], body["seized_item"]))
            told = {"id": len(self.attachments), "duplicate": False, "reading_id": body["reading_id"]}
            self.keys[key] = (sent, {**told, "verdict": "attached"})
            return 201, self.keys[key][1]
        self.rows.append(body)
        content = {"id": len(self.rows), "duplicate": False, "reading_id": body["reading_id"], **ANSWER}
        self.keys[key] = (sent, content)
        return 201, content

    def respond(self, body, authorization):
        """(status, content, headers), or None for hanging up without an answer."""
        self.requests += 1
        fault = self.faults.pop(0) if self.faults else None
        if self.random.random() < self.loss:
            fault = "lose"
        if isinstance(fault, tuple):
            status, headers, content = fault
            return status, content, headers
        if authorization != f"Bearer {self.token}":
            return 401, {"title": "Unauthorized"}, ()
        status, content = self.take(body)
        return None if fault else (status, content, ())

    def _handler(self):  # noqa: C901 - the whole server in one place
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Head and body of an answer in one packet: apart, Nagle's algorithm holds the second back for 40 ms.
            wbufsize = -1

            def log_message(self, *_):
                pass

            def handle_one_request(self):
                super().handle_one_request()
                # Connections that are open already end with the server too.
                self.close_connection |= double.closed

            def do_GET(self):
                if double.closed:
                    return
                if self.headers.get("Authorization") != f"Bearer {double.token}":
                    self.answer(401, {"title": "Unauthorized"})
                elif self.path.endswith("/seized-items"):
                    items = [{"label": label, "description": text} for label, text in double.items]
                    self.answer(200, {"items": items})
                else:
                    key = base64.b64encode(double.message_key).decode()
                    who = {"name": "Station Lund 1", "organisation": "Polisen", "message_key": key}
                    self.answer(200, {**who, "list_key": double.list_key()})

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if double.closed:
                    return
                others = {"enrolment": double.enrol, "stolen-list": double.give_list}
                if other := others.get(self.path.rpartition("/")[2]):
                    self.answer(*other(json.loads(body), self.headers.get("Authorization")))
                    return
                with double.mutex:
                    response = double.respond(body, self.headers.get("Authorization"))
                if response is None:
                    self.close_connection = True
                else:
                    self.answer(*response)

            def answer(self, status, content, headers=()):
                data = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                kind = "application/json" if status < 400 else "application/problem+json"
                for name, value in {"Content-Type": kind, **dict(headers)}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        return Handler
