"""The program under judgement: a running `standin mock` and what it answers, and what `standin lint` tells."""

import functools
import http.client
import json
import subprocess

from document import Unread

SLOWEST = 20.0


class Mock:
    def __init__(self, binary, document, root):
        command = [binary, "mock", document, "-p", "0", "--log", "off", "--root", root]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()
        if not self.url:
            self.process.wait()
            raise Unread(f"exit {self.process.returncode}: {self.process.stderr.read().strip()[:300]}")
        self.port = int(self.url.rsplit(":", 1)[1])
        self.connection = None

    def send(self, request, extra=()):
        """(status, fields, body); a broken connection is an answer too: status 0."""
        for attempt in range(2):
            try:
                if self.connection is None:
                    self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SLOWEST)
                self.connection.putrequest(request.method, request.target, skip_accept_encoding=True)
                for name, value in [*request.fields, *extra]:
                    self.connection.putheader(name, value.encode("latin-1"))
                if request.body is not None:
                    self.connection.putheader("Content-Length", str(len(request.body)))
                self.connection.endheaders(request.body)
                answer = self.connection.getresponse()
                body = answer.read()
                return answer.status, answer.headers, body
            except (OSError, http.client.HTTPException) as why:
                self.connection = None
                if attempt or self.process.poll() is not None:
                    return 0, {}, f"{type(why).__name__}: {why}".encode()

    def stop(self):
        self.process.terminate()
        try:
            self.process.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()


class Lint:
    """`standin lint` of a document. It runs beside the mock, and is waited for when it is first asked."""

    def __init__(self, binary, document, root):
        command = [binary, "lint", document, "--format", "json", "--root", root]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    @functools.cached_property
    def said(self):
        try:
            return self.process.communicate(timeout=300)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            return "", "lint takes longer than five minutes"

    @property
    def told(self):
        return self.said[1]

    @functools.cached_property
    def findings(self):
        try:
            return json.loads(self.said[0])["findings"]
        except ValueError:
            return []

    def code(self):
        return self.process.returncode if self.said else None
