"""What a page may not do while somebody uses it: complain, break its content policy, lose a file, ask elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError

ANSWERS_IN_WORDS = frozenset({403, 404, 409, 410, 422, 429})
SAID_BY_THE_RESPONSE = "Failed to load resource"
LEFT_BEFORE_THE_END = "net::ERR_ABORTED"


class Watch:
    """Listens to a browser context and gathers faults in words."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.host = urlsplit(address).netloc
        self.faults: list[str] = []
        context.on("console", self.console)
        context.on("weberror", self.error)
        context.on("request", self.request)
        context.on("response", self.response)
        context.on("requestfailed", self.failed)

    def console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(SAID_BY_THE_RESPONSE):
            self.faults.append(f"console: {message.text} ({message.location.get('url', '')})")

    def error(self, error: WebError) -> None:
        self.faults.append(f"script: {error.error}")

    def request(self, request: Request) -> None:
        where = urlsplit(request.url)
        if where.scheme not in {"data", "blob", "about"} and where.netloc != self.host:
            self.faults.append(f"asked another host: {request.url}")

    def response(self, response: Response) -> None:
        page = response.request.is_navigation_request() and response.status in ANSWERS_IN_WORDS
        if response.status >= 400 and not page:
            self.faults.append(f"{response.status}: {response.url}")

    def failed(self, request: Request) -> None:
        if request.failure != LEFT_BEFORE_THE_END:
            self.faults.append(f"failed: {request.url} {request.failure}")
