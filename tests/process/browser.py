"""A person at a browser, without the browser: a session with cookies, forms with their CSRF tokens."""

import re
from html import unescape
from typing import Any

import requests

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Browser:
    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False

    def get(self, path: str) -> str:
        """The page at a path, as text that people read."""
        answer = self.session.get(self._at(path), timeout=60)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return unescape(answer.text)

    def submit(self, path: str, data: dict[str, str], **options: Any) -> requests.Response:
        """Open the form at a path, fill it in, send it, and follow where it leads."""
        page = self.session.get(self._at(path), timeout=60)
        token = TOKEN.search(page.text)
        assert token, f"{path} has no form"
        answer = self.session.post(
            page.url, {**data, "csrfmiddlewaretoken": token[1]}, headers={"Referer": page.url}, timeout=60, **options
        )  # fmt: skip
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:2000]}"
        return answer

    def set_up(self, link: str, email: str, password: str, organization: str) -> None:
        person = {"organization": organization, "name": "Olga", "email": email, "password": password}
        assert organization in self.submit(link, person).text

    def sign_in(self, email: str, password: str) -> None:
        self.submit("/accounts/login/", {"login": email, "password": password})
        assert "/accounts/login/" not in self.session.get(self.url, timeout=60).url

    def upload(self, slug: str, *, file_name: str, p8: bytes, issuer_id: str, name: str) -> str:
        """Upload a .p8 through the page. Returns the address of the key's page."""
        answer = self.submit(
            f"/o/{slug}/credentials/add/app-store-connect-key/",
            {"key_type": "TEAM", "issuer_id": issuer_id, "name": name},
            files={"file": (file_name, p8, "application/octet-stream")},
        )
        assert name in answer.text
        return answer.url

    def _at(self, path: str) -> str:
        return path if path.startswith("http") else f"{self.url}{path}"
