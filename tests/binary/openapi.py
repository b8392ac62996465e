"""The document of the API in the hands of tools that are not ours: openapi-spec-validator reads it,
schemathesis sends what it allows and what it forbids, and judges every answer by it.

Usage: openapi.py URL SECONDS [TOKEN]

Without a token, the service must be unclaimed: only the claim is tried then. With the token of a
full session of a Super Admin, all the rest is. SECONDS bounds the time that is spent; 0 asks for
the short form, the same few hundred requests each time.
"""

import copy
import json
import os
import subprocess
import sys
import urllib.request

from openapi_spec_validator import OpenAPIV31SpecValidator

# Its path is a page's too: other methods answer as the page does, not 405 with the API's methods.
CLAIM = "/setup"
# They end the session that all requests are sent with, void its password, or shut the doors that others test.
ENDINGS = [
    "/auth/sign-out",
    "/auth/sessions/{id}",
    "/auth/change-password",
    "/2fa/disable-two-factor-auth",
    "/sign-ins",
]
# All that the tool knows but this: a body of the right form need not hold the right password or code.
REFUSED_CHECKS = "positive_data_acceptance"
FINDINGS = ["Undocumented status code", "Response violates schema", "without authentication"]
SHORT = ["--max-examples", "20", "--seed", "6238"]


def fetch(url, token=""):
    request = urllib.request.Request(url)
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    return json.load(opener.open(request, timeout=10))


def schemathesis(document, url, token, arguments):
    """Runs it over a document; its exit code and what it printed."""
    with open("openapi.json", "w", encoding="utf-8") as file:
        json.dump(document, file)
    command = [sys.executable, "-m", "schemathesis.cli", "run", "openapi.json", "--url", url]
    command += ["--checks", "all", "--phases", "coverage,fuzzing,stateful", "--continue-on-failure"]
    command += ["--generation-database", "none", *arguments]
    if token:
        command += ["--header", f"Authorization: Bearer {token}"]
    environment = {**os.environ, "NO_PROXY": "*", "COLUMNS": "100"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def judge_service(document, url, seconds, token):
    bounds = ["--max-time", str(seconds)] if seconds else SHORT
    if token:
        places = [option for path in [CLAIM, *ENDINGS] for option in ("--exclude-path", path)]
        refused = REFUSED_CHECKS
    else:
        places = ["--include-path", CLAIM]
        refused = f"{REFUSED_CHECKS},unsupported_method,allow_header_conformance"
    code, text = schemathesis(document, url, token, [*bounds, *places, "--exclude-checks", refused])
    if code:
        sys.exit(text)
    print(text)


def judge_tools(document, url, token):
    """Shows that the tool would find a document that lies."""
    lying = copy.deepcopy(document)
    del lying["paths"]["/auth/me"]["get"]["responses"]["401"]
    lying["paths"]["/health/live"]["get"]["security"] = [{"bearer": []}]
    lying["components"]["schemas"]["AuditHead"]["properties"]["number"]["type"] = "string"
    paths = ["/auth/me", "/health/live", "/audit/head"]
    places = [option for path in paths for option in ("--include-path", path)]
    code, text = schemathesis(lying, url, token, [*SHORT, *places, "--no-shrink"])
    for finding in FINDINGS:
        if code == 0 or finding not in text:
            sys.exit(f"{finding!r} was not found:\n{text}")


def main():
    url, seconds, token = sys.argv[1], int(sys.argv[2]), "".join(sys.argv[3:])
    document = fetch(f"{url}/openapi.json")
    OpenAPIV31SpecValidator(document).validate()
    judge_service(document, url, seconds, token)
    if token:
        judge_tools(document, url, token)
        # A session that had ended would have been refused everywhere, which fits the document too.
        fetch(f"{url}/auth/me", token)


main()
