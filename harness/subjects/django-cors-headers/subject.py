"""django-cors-headers under the standard app on Django and waitress, as a subject of the harness.

Speaks the subject protocol, version 1: one JSON object a line, from stdin to stdout. What a policy
becomes is in `cors_settings`, the app in `urlpatterns`, what is mounted where in `Mounted`.

The package is configured by Django's settings, and a process has one set of them. Its signal
`check_request_enabled` only adds origins, so it cannot make a policy. Django's documented
`override_settings` can, if nothing else runs meanwhile: each policy has a WSGI handler of its own,
and each request is answered from start to end with its policy's settings in place, one at a time, as
by a synchronous worker. See https://docs.djangoproject.com/en/5.2/topics/testing/tools/#overriding-settings
"""

import json
import logging
import platform
import re
import sys
import threading
from collections import OrderedDict
from importlib.metadata import version

import django
import waitress
from corsheaders.conf import Settings
from django.conf import settings
from django.core.checks import ERROR, run_checks
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.test.utils import override_settings
from django.urls import path

NAME = "django-cors-headers"

CAPABILITIES = {
    "origins": ["any", "list", "subdomains_of", "patterns", "null"],
    "methods": ["list"],
    "request_headers": ["list"],
    "expose_headers": ["list"],
    "credentials": True,
    "max_age": True,
    # An old release has no such setting.
    "private_network": hasattr(Settings, "CORS_ALLOW_PRIVATE_NETWORK"),
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


def cors_settings(policy):
    """As https://github.com/adamchainz/django-cors-headers#configuration has them."""
    if policy.get("paths"):
        raise Unsupported("paths", "the settings hold for all paths that `CORS_URLS_REGEX` matches")
    wanted = {
        **origins(policy["origins"]),
        "CORS_ALLOW_METHODS": listed(policy, "methods"),
        "CORS_ALLOW_HEADERS": listed(policy, "request_headers"),
        "CORS_EXPOSE_HEADERS": listed(policy, "expose_headers"),
        "CORS_ALLOW_CREDENTIALS": policy.get("credentials", False),
    }
    if policy.get("private_network"):
        if not CAPABILITIES["private_network"]:
            raise Unsupported("private_network", "this version has no setting for it")
        wanted["CORS_ALLOW_PRIVATE_NETWORK"] = True
    # Left out, the package says 86400; 0 is documented to send nothing.
    if policy.get("max_age") is not None:
        wanted["CORS_PREFLIGHT_MAX_AGE"] = policy["max_age"]
    return wanted


def origins(wanted):
    """The regular expressions are matched from the start of the origin; these end in `$`."""
    if "any" in wanted:
        return {"CORS_ALLOW_ALL_ORIGINS": True}
    named = list(wanted.get("list", []))
    if wanted.get("null"):
        named.append("null")
    expressions = [subdomains(parent) for parent in wanted.get("subdomains_of", [])]
    for pattern in wanted.get("patterns", []):
        try:
            expressions.append(re.compile(pattern))
        except re.error as error:
            raise Unsupported("origins", f"not a regular expression of Python: {error}") from error
    return {"CORS_ALLOWED_ORIGINS": named, "CORS_ALLOWED_ORIGIN_REGEXES": expressions}


def subdomains(parent):
    scheme, host = parent.split("://", 1)
    return rf"^{re.escape(scheme)}://(?:[^.:/]+\.)+{re.escape(host)}$"


def listed(policy, field):
    wanted = policy.get(field, {"list": []})
    if "any" in wanted:
        raise Unsupported(field, "there is a setting for a list only")
    return wanted["list"]


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


def counted(view):
    def view_and_count(request, **values):
        EXECUTIONS.add(request.META["SCRIPT_NAME"].removeprefix("/"), request.GET.get("case"))
        return view(request, **values)

    return view_and_count


def plain(request):
    return HttpResponse(request.method, headers={"X-Total": "7", "ETag": '"7"'})


def vary(request):
    return HttpResponse(request.method, headers={"Vary": "Accept-Language"})


def own_cors(request):
    own = {"Access-Control-Allow-Origin": "https://own.example"}
    return HttpResponse(request.method, headers=own)


def status(request, n):
    """A final status; there is no answering with an interim one."""
    return HttpResponse(status=n if 200 <= n <= 599 else 400)


def throw(request):
    raise RuntimeError("the handler failed")


def redirect(request):
    to = request.GET.get("to")
    return HttpResponseRedirect(to) if to else HttpResponseBadRequest()


urlpatterns = [
    path("plain", counted(plain)),
    path("vary", counted(vary)),
    path("own-cors", counted(own_cors)),
    path("status/<int:n>", counted(status)),
    path("throw", counted(throw)),
    path("redirect", counted(redirect)),
]


def set_up():
    """What all policies share: the middleware where its documentation puts it, before CommonMiddleware.

    Without CsrfViewMiddleware, which would refuse POST whatever the CORS policy says.
    """
    settings.configure(
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        INSTALLED_APPS=["corsheaders"],
        MIDDLEWARE=[
            "corsheaders.middleware.CorsMiddleware",
            "django.middleware.common.CommonMiddleware",
        ],
        LOGGING_CONFIG=None,
    )
    django.setup()


class Mounted:
    """A WSGI handler and its settings for each policy, under a path segment that goes to SCRIPT_NAME."""

    def __init__(self):
        self.handlers = {}
        # Settings belong to the process: whoever overrides them has to be alone.
        self.alone = threading.RLock()

    def add(self, mount, overrides):
        with self.alone, override_settings(**overrides):
            # Django runs its system checks before it serves; an error in them stops it.
            errors = [str(message) for message in run_checks() if message.level >= ERROR]
            if errors:
                raise ValueError("; ".join(errors))
            self.handlers[mount] = (WSGIHandler(), overrides)

    def __call__(self, environ, start_response):
        mount, _, below = environ["PATH_INFO"].removeprefix("/").partition("/")
        if mount == "executed":
            return self.executed("", below, start_response)
        handler, overrides = self.handlers.get(mount, (None, None))
        if handler is None:
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [b"nothing is mounted here"]
        if below.startswith("executed/"):
            return self.executed(mount, below.removeprefix("executed/"), start_response)
        environ["SCRIPT_NAME"], environ["PATH_INFO"] = f"/{mount}", f"/{below}"
        with self.alone, override_settings(**overrides):
            response = handler(environ, start_response)
        if environ["REQUEST_METHOD"] != "HEAD":
            return response
        # Django leaves it to its WSGI server to send no body, and waitress sends what it is given:
        # a client would take it for the next answer.
        response.close()
        return []

    @staticmethod
    def executed(mount, case, start_response):
        case = case.encode("latin-1").decode("utf-8", "replace")
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [str(EXECUTIONS.of(mount, case)).encode()]


class Subject:
    def __init__(self):
        set_up()
        self.mounted = Mounted()
        server = waitress.create_server(self.mounted, host="127.0.0.1", port=0, threads=1)
        self.port = server.effective_port
        threading.Thread(target=server.run, daemon=True).start()

    def start(self, message):
        if message["protocol"] != 1:
            raise ValueError("only protocol 1 is spoken here")
        server = f"Django {version('django')}, waitress {version('waitress')}"
        return "started", {
            "name": NAME,
            "version": version("django-cors-headers"),
            "language": "Python",
            "runtime": f"Python {platform.python_version()}, {server}",
            "homepage": "https://github.com/adamchainz/django-cors-headers",
            "issues": "https://github.com/adamchainz/django-cors-headers/issues",
            "role": "server",
            "capabilities": CAPABILITIES,
        }

    def configure(self, message):
        return "configured", [self.mount(one["id"], one["policy"]) for one in message["policies"]]

    def mount(self, name, policy):
        try:
            overrides = cors_settings(policy)
        except Unsupported as error:
            return {"id": name, "unsupported": {"feature": error.feature, "reason": error.reason}}
        try:
            self.mounted.add(name, overrides)
        except Exception as error:
            return {"id": name, "rejected": {"message": str(error) or repr(error)}}
        return {"id": name, "base": f"http://127.0.0.1:{self.port}/{name}"}

    def release(self, message):
        for name in message["ids"]:
            self.mounted.handlers.pop(name, None)
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
