"""From exec to the first ReceiveMessage: a server that knows one queue and notes when it is first asked for messages."""

import http.server
import json
import threading
import time

ATTRIBUTES = {
    "QueueArn": "arn:aws:sqs:eu-west-1:111122223333:life",
    "MessageRetentionPeriod": "345600",
    "VisibilityTimeout": "30",
    "ApproximateNumberOfMessages": "0",
    "ApproximateNumberOfMessagesNotVisible": "0",
    "ApproximateNumberOfMessagesDelayed": "0",
    "RedrivePolicy": '{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:111122223333:dead","maxReceiveCount":"10"}',
}


class Answers(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        action = self.headers.get("X-Amz-Target", "").rsplit(".", 1)[-1]
        if action == "ReceiveMessage":
            self.server.asked_at = self.server.asked_at or time.monotonic()
            self.server.asked.set()
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = json.dumps({"Attributes": ATTRIBUTES} if action == "GetQueueAttributes" else {}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


class FirstCall(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.asked, self.asked_at = threading.Event(), None
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        pass  # the program was ended while it was being answered

    def milliseconds(self, start):
        """Calls start(), which starts the program, and waits for its first ReceiveMessage."""
        self.asked.clear()
        self.asked_at = None
        began = time.monotonic()
        with start():
            assert self.asked.wait(20), "no ReceiveMessage within 20 s"
            return (self.asked_at - began) * 1000
