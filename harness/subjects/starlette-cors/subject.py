"""Starlette's CORSMiddleware under the standard app on uvicorn, as a subject of the harness.

Speaks the subject protocol, version 1: one JSON object a line, from stdin to stdout. What a policy
becomes is in `options`, the app in `ROUTES`, what is mounted where in `Mounted`.
"""

import inspect
import json
import logging
import platform
import re
import socket
import sys
import threading
import time
from collections import OrderedDict
from importlib.metadata import version

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route, Router

CAPABILITIES = {
    "origins": ["any", "list", "subdomains_of", "patterns", "null"],
    "methods": ["any", "list"],
    "request_headers": ["any", "list"],
    "expose_headers": ["list"],
    "credentials": True,
    "max_age": True,
    # An old release has no such option.
    "private_network": "allow_private_network" in inspect.signature(CORSMiddleware).parameters,
    "paths": False,
    "dynamic": True,
    "http2": False,
}


class Unsupported(Exception):
    """The package has no option that says this."""

    def __init__(self, feature, reason):
        super().__init__(feature, reason)
        self.feature = feature
        self.reason = reason


def options(policy):
    """The arguments of CORSMiddleware, as https://starlette.dev/middleware/#corsmiddleware has them."""
    if policy.get("paths"):
        raise Unsupported("paths", "a `CORSMiddleware` has one policy for all paths")
    arguments = {
        **origins(policy["origins"]),
        "allow_methods": listed(policy, "methods", every=["*"]),
        "allow_headers": listed(policy, "request_headers", every=["*"]),
        "expose_headers": listed(policy, "expose_headers", every=None),
        "allow_credentials": policy.get("credentials", False),
    }
    if policy.get("private_network"):
        if not CAPABILITIES["private_network"]:
            raise Unsupported("private_network", "this version has no option for it")
        arguments["allow_private_network"] = True
    # Left out, the package says 600.
    if policy.get("max_age") is not None:
        arguments["max_age"] = policy["max_age"]
    return arguments


def origins(wanted):
    """There is one regular expression, which has to match the whole origin."""
    if "any" in wanted:
        return {"allow_origins": ["*"]}
    named = list(wanted.get("list", []))
    if wanted.get("null"):
        named.append("null")
    arguments = {"allow_origins": named}
    expressions = [subdomains(parent) for parent in wanted.get("subdomains_of", [])]
    expressions += wanted.get("patterns", [])
    if expressions:
        arguments["allow_origin_regex"] = "|".join(f"(?:{one})" for one in expressions)
    return arguments


def subdomains(parent):
    scheme, host = parent.split("://", 1)
    return rf"^{re.escape(scheme)}://(?:[^.:/]+\.)+{re.escape(host)}$"


def listed(policy, field, every):
    """A list; `every` is what the documentation says for all of them, where it says something."""
    wanted = policy.get(field, {"list": []})
    if "any" not in wanted:
        return wanted["list"]
    if every is None:
        raise Unsupported(field, "there is an option for a list only")
    return every


class Executions:
    """How often handlers ran, by mount and case; under the mount "", over all mounts."""

    LIMIT = 20_000
    LONGEST = 200

    def __init__(self):
        self.counts = OrderedDict()

    def add(self, mount, case):
        if not case or len(case) > self.LONGEST:
            return
        for key in ((mount, case), ("", case)):
            self.counts[key] = self.counts.pop(key, 0) + 1
        while len(self.counts) > self.LIMIT:
            self.counts.popitem(last=False)

    def of(self, mount, case):
        return self.counts.get((mount, case), 0)


EXECUTIONS = Executions()


class Handler:
    """A route's handler for any method: Starlette gives a function GET only, a callable object all."""

    def __init__(self, answer):
        self.answer = answer

    async def __call__(self, scope, receive, send):
        request = Request(scope, receive)
        EXECUTIONS.add(request.path_params["mount"], request.query_params.get("case"))
        await self.answer(request)(scope, receive, send)


def plain(request):
    return PlainTextResponse(request.method, headers={"X-Total": "7", "ETag": '"7"'})


def vary(request):
    return PlainTextResponse(request.method, headers={"Vary": "Accept-Language"})


def own_cors(request):
    own = {"Access-Control-Allow-Origin": "https://own.example"}
    return PlainTextResponse(request.method, headers=own)


def status(request):
    """A final status; there is no answering with an interim one."""
    n = request.path_params["n"]
    return Response(status_code=n if 200 <= n <= 599 else 400)


def throw(request):
    raise RuntimeError("the handler failed")


def redirect(request):
    to = request.query_params.get("to")
    return RedirectResponse(to, status_code=302) if to else Response(status_code=400)


ROUTES = [
    Route("/plain", Handler(plain)),
    Route("/vary", Handler(vary)),
    Route("/own-cors", Handler(own_cors)),
    Route("/status/{n:int}", Handler(status)),
    Route("/throw", Handler(throw)),
    Route("/redirect", Handler(redirect)),
]


async def executed(request):
    mount = request.path_params.get("mount", "")
    return PlainTextResponse(str(EXECUTIONS.of(mount, request.path_params["case"])))


COUNTER = Route("/executed/{case:path}", executed)


class Mounted:
    """An app for each policy; a `Mount` with a parameter finds it, and the middleware sees the whole path."""

    def __init__(self):
        self.apps = {}
        self.router = Router([COUNTER, Mount("/{mount}", app=self.dispatch)])

    async def dispatch(self, scope, receive, send):
        app = self.apps.get(scope["path_params"]["mount"])
        if app is None:
            app = PlainTextResponse("nothing is mounted here", status_code=404)
        await app(scope, receive, send)

    @staticmethod
    def build(arguments):
        app = Starlette(routes=ROUTES, middleware=[Middleware(CORSMiddleware, **arguments)])
        # Starlette does so at the first request; now, so that a refusal is heard.
        app.middleware_stack = app.build_middleware_stack()
        return Router([COUNTER, Mount("", app=app)])


class Subject:
    def __init__(self):
        self.mounted = Mounted()
        # With the protocol named, or asyncio leaves Nagle's algorithm on for accepted connections.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.bind(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        config = uvicorn.Config(
            self.mounted.router,
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, args=([listener],), daemon=True)
        self.thread.start()
        while not self.server.started and self.thread.is_alive():
            time.sleep(0.01)

    def start(self, message):
        if message["protocol"] != 1:
            raise ValueError("only protocol 1 is spoken here")
        return "started", {
            "name": "starlette-cors",
            "version": version("starlette"),
            "language": "Python",
            "runtime": f"Python {platform.python_version()}, uvicorn {version('uvicorn')}",
            "homepage": "https://github.com/Kludex/starlette",
            "issues": "https://github.com/Kludex/starlette/issues",
            "role": "server",
            "capabilities": CAPABILITIES,
        }

    def configure(self, message):
        return "configured", [self.mount(one["id"], one["policy"]) for one in message["policies"]]

    def mount(self, name, policy):
        try:
            arguments = options(policy)
        except Unsupported as error:
            return {"id": name, "unsupported": {"feature": error.feature, "reason": error.reason}}
        try:
            self.mounted.apps[name] = self.mounted.build(arguments)
        except Exception as error:
            return {"id": name, "rejected": {"message": str(error) or repr(error)}}
        return {"id": name, "base": f"http://127.0.0.1:{self.port}/{name}"}

    def release(self, message):
        for name in message["ids"]:
            self.mounted.apps.pop(name, None)
        return "released", message["ids"]

    def stop(self, message):
        return "stopped", {}

    def close(self):
        self.server.should_exit = True
        self.thread.join(timeout=3)


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
    subject.close()


if __name__ == "__main__":
    main()
