"""A ClickHouse server for tests: the embedded engine in a process of its own, behind the part of ClickHouse's HTTP
protocol that its client speaks.

No registry carries a current server, and this is the same engine: the same SQL, types, formats and errors. What it is
not: sessions, users, the native protocol, Keeper. Arguments: the engine's directory, the port (0 for a free one), user
and password, and a configuration file or "". It prints its port once it listens.
"""

import base64
import gzip
import re
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import chdb
import zstandard
from tests.integration.scale.shards import Shards

NOT_SETTINGS = {
    "query",
    "database",
    "session_id",
    "query_id",
    "wait_end_of_query",
    "client_protocol_version",
    "enable_http_compression",
    "send_progress_in_http_headers",
    "http_headers_progress_interval_ms",
}
"""Parameters that the server itself would take; all others but `param_…` are settings of the statement."""

INSERT_OF_FORMAT = re.compile(rb"INSERT\s+INTO\s+.*\bFORMAT\s+\w+\s*$", re.IGNORECASE | re.DOTALL)
ERROR_CODE = re.compile(r"Code: (\d+)\.")
WRONG_PASSWORD = 516

connect: Callable[[str], Any] = chdb.connect


@dataclass(frozen=True, slots=True)
class Refused(Exception):
    code: int
    text: str


@dataclass(frozen=True, slots=True)
class Engine:
    """The engine; each request gets a connection of its own, so no setting outlives its statement."""

    connecting: str
    shards: Shards = field(default_factory=Shards)

    def answer(self, sql: bytes, body: bytes, parameters: dict[str, str]) -> bytes:
        connection = connect(self.connecting)
        try:
            for name, value in parameters.items():
                if name not in NOT_SETTINGS and not name.startswith("param_"):
                    connection.query(f"SET {name} = {_quoted(value)}")
            bound = {name.removeprefix("param_"): v for name, v in parameters.items() if name.startswith("param_")}
            if body and INSERT_OF_FORMAT.search(sql):
                return _insert(connection, sql.decode(), body)
            if self.shards.tables:
                connection.query(f"SET additional_table_filters = {self.shards.own_rows_only}")
            statements = self.shards.in_one_engine((sql + body).decode())
            return b"".join(connection.query(each, "TSV", params=bound).bytes() for each in statements)
        except Exception as error:
            code = ERROR_CODE.search(str(error))
            raise Refused(int(code[1]) if code else 1002, str(error)) from error
        finally:
            connection.close()


def _insert(connection: Any, sql: str, body: bytes) -> bytes:
    """What follows the statement, put where the embedded engine looks for it."""
    into, _, format_name = sql.rpartition("FORMAT")
    with tempfile.NamedTemporaryFile() as file:
        file.write(body)
        file.flush()
        connection.query(f"{into} FROM INFILE {_quoted(file.name)} FORMAT {format_name}")
    return b""


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


class Handler(BaseHTTPRequestHandler):
    disable_nagle_algorithm = True
    protocol_version = "HTTP/1.1"
    engine: Engine
    user: str
    password: str

    def do_GET(self) -> None:
        if urlsplit(self.path).path == "/ping":
            self._send(200, b"Ok.\n", {})
        else:
            self._run()

    def do_POST(self) -> None:
        self._run()

    def _run(self) -> None:
        parameters = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        body = self._body()
        try:
            self._require_password()
            answer = self.engine.answer(parameters.get("query", "").encode(), body, parameters)
        except Refused as refused:
            status = 403 if refused.code == WRONG_PASSWORD else 500
            self._send(status, refused.text.encode(), {"X-ClickHouse-Exception-Code": str(refused.code)})
            return
        headers = {"X-ClickHouse-Summary": "{}", "X-ClickHouse-Timezone": "UTC"}
        if parameters.get("enable_http_compression") == "1" and "zstd" in self.headers.get("Accept-Encoding", ""):
            answer, headers["Content-Encoding"] = zstandard.compress(answer), "zstd"
        self._send(200, answer, headers)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        match self.headers.get("Content-Encoding"):
            case "gzip":
                return gzip.decompress(body)
            case "zstd":
                return zstandard.ZstdDecompressor().decompressobj().decompress(body)
            case _:
                return body

    def _require_password(self) -> None:
        expected = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        if self.user and self.headers.get("Authorization") != f"Basic {expected}":
            raise Refused(WRONG_PASSWORD, f"Code: {WRONG_PASSWORD}. DB::Exception: Authentication failed")

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        pass


def serve(directory: str, port: str, user: str, password: str, configuration: str) -> None:
    Handler.engine = Engine(f"{directory}?config-file={configuration}" if configuration else directory)
    Handler.user, Handler.password = user, password
    keeping_open = connect(Handler.engine.connecting)
    with ThreadingHTTPServer(("127.0.0.1", int(port)), Handler) as server:
        print(server.server_port, flush=True)  # noqa: T201 - whoever started us reads it
        server.serve_forever()
    keeping_open.close()


if __name__ == "__main__":
    serve(*sys.argv[1:])
