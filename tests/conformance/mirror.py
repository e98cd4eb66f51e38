"""The simulator as a worker sees it who is shown some answers otherwise: for what AWS does by itself and no call can cause,
such as taking a task on Fargate Spot back, or a script that fails."""

import json
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PASSED_ON = ("Authorization", "Content-Type", "X-Amz-Date", "X-Amz-Target")


class Mirror:
    """`url` answers as `behind` does. `shows[action]` gets each answer's JSON to change before it is passed on."""

    def __init__(self, behind):
        self.behind, self.shows = behind, {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(10)

    def answer(self, headers, body):
        kept = {name: headers[name] for name in PASSED_ON if headers[name]}
        asked = urllib.request.Request(self.behind, body, kept, method="POST")
        try:
            with urllib.request.urlopen(asked, timeout=25) as answered:
                return 200, self.show(headers["X-Amz-Target"], answered.read())
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read()

    def show(self, target, body):
        change = self.shows.get(target.split(".")[-1])
        if not change:
            return body
        told = json.loads(body)
        change(told)
        return json.dumps(told).encode()

    def _handler(mirror):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                status, body = mirror.answer(self.headers, self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.1")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Handler
