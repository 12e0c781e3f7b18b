"""Flask-CORS under the standard app on Flask and waitress, as a subject of the harness.

Speaks the subject protocol, version 1: one JSON object a line, from stdin to stdout. What a policy
becomes is in `arguments`, the app in `app`, what is mounted where in `Subject`.
"""

import json
import logging
import platform
import re
import sys
import threading
from collections import OrderedDict
from importlib.metadata import version

import waitress
from flask import Flask, Response, abort, request
from flask import redirect as redirect_to
from flask_cors import CORS
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.routing import Rule
from werkzeug.wrappers import Response as PlainResponse

CAPABILITIES = {
    "origins": ["any", "list", "subdomains_of", "patterns", "null"],
    "methods": ["any", "list"],
    "request_headers": ["any", "list"],
    "expose_headers": ["list"],
    "credentials": True,
    "max_age": True,
    "private_network": True,
    "paths": True,
    "dynamic": True,
    "http2": False,
}


class Unsupported(Exception):
    """The package has no option that says this."""

    def __init__(self, feature, reason):
        super().__init__(feature, reason)
        self.feature = feature
        self.reason = reason


def arguments(policy):
    """What CORS is called with, as https://corydolphin.github.io/flask-cors/ has it.

    `resources` maps regular expressions for paths, matched from the start, to options; they are
    strings there, which is not all the same to the package as compiled ones.
    """
    if not policy.get("paths"):
        return options(policy)
    resources = {".*": options(policy)}
    for one in policy["paths"]:
        if one["policy"].get("paths"):
            raise Unsupported("paths", "the options of a resource have no resources of their own")
        resources[re.escape(one["prefix"]) + ".*"] = options(one["policy"])
    return {"resources": resources}


def options(policy):
    """The options for all paths, or for those of one resource."""
    wanted = {
        "origins": origins(policy["origins"]),
        "supports_credentials": policy.get("credentials", False),
        "allow_private_network": policy.get("private_network", False),
    }
    # Left out, all methods are allowed ("for all origins and methods"); there is no word for it.
    methods = policy.get("methods", {"list": []})
    if "any" not in methods:
        wanted["methods"] = methods["list"]
    headers = policy.get("request_headers", {"list": []})
    wanted["allow_headers"] = "*" if "any" in headers else headers["list"]
    exposed = policy.get("expose_headers", {"list": []})
    if "any" in exposed:
        raise Unsupported("expose_headers", "there is an option for a list only")
    wanted["expose_headers"] = exposed["list"]
    if policy.get("max_age") is not None:
        wanted["max_age"] = policy["max_age"]
    return wanted


def origins(wanted):
    """A list may hold origins and regular expressions side by side; the package tells them apart."""
    if "any" in wanted:
        return "*"
    named = list(wanted.get("list", []))
    if wanted.get("null"):
        named.append("null")
    named += [subdomains(parent) for parent in wanted.get("subdomains_of", [])]
    return named + wanted.get("patterns", [])


def subdomains(parent):
    scheme, host = parent.split("://", 1)
    return rf"^{re.escape(scheme)}://(?:[^.:/]+\.)+{re.escape(host)}$"


class Executions:
    """How often handlers ran, by mount and case; under the mount "", over all mounts."""

    LIMIT = 20_000
    LONGEST = 200

    def __init__(self):
        self.lock = threading.Lock()
        self.counts = OrderedDict()

    def add(self, mount, case):
        if not case or len(case) > self.LONGEST:
            return
        with self.lock:
            for key in ((mount, case), ("", case)):
                self.counts[key] = self.counts.pop(key, 0) + 1
            while len(self.counts) > self.LIMIT:
                self.counts.popitem(last=False)

    def of(self, mount, case):
        with self.lock:
            return self.counts.get((mount, case), 0)


EXECUTIONS = Executions()


def executed(environ, start_response):
    """The counter, at `/executed` and at `/<mount>/executed`."""
    mount = environ["SCRIPT_NAME"].removesuffix("/executed").removeprefix("/")
    case = environ["PATH_INFO"].removeprefix("/").encode("latin-1").decode("utf-8", "replace")
    return PlainResponse(str(EXECUTIONS.of(mount, case)))(environ, start_response)


class AnyMethod(Rule):
    """A route for any method; Flask would list GET. It still answers OPTIONS by itself, as in any app."""

    def __init__(self, string, methods=None, **rest):
        super().__init__(string, methods=None, **rest)


def app(mount, configuration):
    """The standard app with the extension, as its documentation shows."""
    app = Flask("subject", static_folder=None)
    app.url_rule_class = AnyMethod
    CORS(app, **configuration)

    def route(path):
        def add(handler):
            def counted(**values):
                EXECUTIONS.add(mount, request.args.get("case"))
                return handler(**values)

            app.add_url_rule(path, handler.__name__, counted)

        return add

    @route("/plain")
    def plain():
        return request.method, {"X-Total": "7", "ETag": '"7"'}

    @route("/vary")
    def vary():
        return request.method, {"Vary": "Accept-Language"}

    @route("/own-cors")
    def own_cors():
        return request.method, {"Access-Control-Allow-Origin": "https://own.example"}

    @route("/status/<int:n>")
    def status(n):
        # A final status; there is no answering with an interim one.
        return Response(status=n if 200 <= n <= 599 else 400)

    @route("/throw")
    def throw():
        raise RuntimeError("the handler failed")

    @route("/redirect")
    def redirect():
        to = request.args.get("to")
        return redirect_to(to) if to else abort(400)

    return app


class Subject:
    def __init__(self):
        # Flask's documented way to put apps side by side; each sees its paths without the prefix.
        self.mounts = {"/executed": executed}
        dispatcher = DispatcherMiddleware(NotFound(), self.mounts)
        server = waitress.create_server(dispatcher, host="127.0.0.1", port=0, threads=4)
        self.port = server.effective_port
        threading.Thread(target=server.run, daemon=True).start()

    def start(self, message):
        if message["protocol"] != 1:
            raise ValueError("only protocol 1 is spoken here")
        server = f"Flask {version('flask')}, waitress {version('waitress')}"
        return "started", {
            "name": "flask-cors",
            "version": version("flask-cors"),
            "language": "Python",
            "runtime": f"Python {platform.python_version()}, {server}",
            "homepage": "https://github.com/corydolphin/flask-cors",
            "issues": "https://github.com/corydolphin/flask-cors/issues",
            "role": "server",
            "capabilities": CAPABILITIES,
        }

    def configure(self, message):
        return "configured", [self.mount(one["id"], one["policy"]) for one in message["policies"]]

    def mount(self, name, policy):
        try:
            configuration = arguments(policy)
        except Unsupported as error:
            return {"id": name, "unsupported": {"feature": error.feature, "reason": error.reason}}
        try:
            self.mounts[f"/{name}"] = app(name, configuration)
        except Exception as error:
            return {"id": name, "rejected": {"message": str(error) or repr(error)}}
        self.mounts[f"/{name}/executed"] = executed
        return {"id": name, "base": f"http://127.0.0.1:{self.port}/{name}"}

    def release(self, message):
        for name in message["ids"]:
            self.mounts.pop(f"/{name}", None)
            self.mounts.pop(f"/{name}/executed", None)
        return "released", message["ids"]

    def stop(self, message):
        return "stopped", {}


def answer_to(subject, line):
    """The number, the kind and the content of the answer to a line."""
    seq = 0
    try:
        request = json.loads(line)
        if type(request.get("seq")) is int and request["seq"] >= 0:
            seq = request["seq"]
        (kind,) = request.keys() - {"seq"}
        if kind not in ("start", "configure", "release", "stop"):
            raise ValueError(f"`{kind}` is not a message to a server")
        return seq, *getattr(subject, kind)(request[kind])
    except Exception as error:
        return seq, "errored", {"message": "this line cannot be answered", "detail": repr(error)}


def main():
    # Nothing but the protocol goes to stdout.
    out, sys.stdout = sys.stdout, sys.stderr
    logging.disable(logging.CRITICAL)
    subject = Subject()
    kind = None
    while kind != "stopped" and (line := sys.stdin.buffer.readline()):
        seq, kind, content = answer_to(subject, line)
        print(json.dumps({"seq": seq, kind: content}), file=out, flush=True)


if __name__ == "__main__":
    main()
