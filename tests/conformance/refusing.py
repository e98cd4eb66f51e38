"""An AWS that refuses signed calls in its own words, which repeat what was signed; the others the simulator answers."""

import http.server
import json
import re
import threading
import urllib.error
import urllib.parse
import urllib.request
import xml.sax.saxutils

SIGNED = re.compile(r"Credential=[^/]+/\d+/[^/]+/(?P<service>\w+)/aws4_request, SignedHeaders=(?P<names>\S+), Signature=\w+")
SIGNATURE_DIFFERS = """\
The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and \
signing method. Consult the service documentation for details.

The Canonical String for this request should have been
'POST
{path}

{headers}

{names}
{digest}'

The String-to-Sign should have been
'AWS4-HMAC-SHA256
20261126T131500Z
20261126/eu-west-1/{service}/aws4_request
{digest}'
"""
NOT_A_TOKEN = """\
1 validation error detected: Value '{token}' at 'lifecycleActionToken' failed to satisfy constraint: Member must have \
length equal to 36"""


def signature_differs(call, signed):
    """With the call as AWS saw it."""
    headers = "\n".join(f"{name}:{call.headers[name]}" for name in signed["names"].split(";"))
    text = SIGNATURE_DIFFERS.format(path=call.path, headers=headers, digest="0" * 64, **signed.groupdict())
    return "SignatureDoesNotMatch", text


def as_json(code, text):
    return "application/x-amz-json-1.1", json.dumps({"__type": code, "message": text})


def as_xml(code, text):
    told = f"<Code>{code}</Code><Message>{xml.sax.saxutils.escape(text)}</Message>"
    return "text/xml", f"<ErrorResponse><Error><Type>Sender</Type>{told}</Error><RequestId>1</RequestId></ErrorResponse>"


class Refusing(http.server.ThreadingHTTPServer):
    """Refuses the signatures of `services`, and every token of a lifecycle action; `shown` are the session tokens that it
    repeated."""

    daemon_threads = True

    def __init__(self, url):
        super().__init__(("127.0.0.1", 0), Call)
        self.behind, self.url = url, f"http://127.0.0.1:{self.server_port}"
        self.services, self.shown = set(), set()

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()

    def handle_error(self, *_):
        """Whoever is told to end hangs up in the midst of a call."""

    def refusal(self, call, body):
        """(code, text), or nothing."""
        signed = SIGNED.search(call.headers["Authorization"])
        token = urllib.parse.parse_qs(body.decode()).get("LifecycleActionToken")
        if signed["service"] in self.services:
            self.shown.add(call.headers["X-Amz-Security-Token"])
            return signature_differs(call, signed)
        return ("ValidationError", NOT_A_TOKEN.format(token=token[0])) if token else None


class Call(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        refusal = self.server.refusal(self, body)
        if refusal:
            shape = as_json if "json" in self.headers["Content-Type"] else as_xml
            self.answer(400 if shape is as_json else 403, *shape(*refusal))
        else:
            self.answer(*self.passed_on(body))

    def passed_on(self, body):
        asked = urllib.request.Request(self.server.behind + self.path, body, dict(self.headers), method="POST")
        try:
            answer = urllib.request.urlopen(asked, timeout=30)
        except urllib.error.HTTPError as failed:
            answer = failed
        return answer.status, answer.headers["Content-Type"], answer.read().decode()

    def answer(self, status, kind, text):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass
