"""A small directory of an organisation: an OpenID provider that signs real tokens and checks what it is asked.

`changes` bend the next token, as a broken or hostile directory would.
"""

import base64
import hashlib
import threading
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Flask, Response, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from waitress.server import create_server
from werkzeug.wrappers import Response as AnyResponse

CLIENT = "teekond"
SECRET = "a secret that only the directory and we know"


@dataclass
class Directory:
    """`who`: the claims about whoever signs in next."""

    now: Any
    who: dict[str, Any] = field(default_factory=dict)
    changes: dict[str, Any] = field(default_factory=dict)
    stranger: bool = False
    """sign with a key of somebody else"""
    algorithm: str = "RS256"
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: int = 0
    asked: int = 0
    """how often somebody wanted to know what is offered"""
    moved: str = ""
    """this address sends whoever asks it elsewhere"""
    elsewhere: list[str] = field(default_factory=list)
    """what was asked there"""
    says: dict[str, str] = field(default_factory=dict)
    """what is answered at a path, word for word"""
    token: str | None = None
    """what is given for an ID token"""

    def __post_init__(self) -> None:
        self.key, self.other = (RSAKey.generate_key(2048, {"kid": "1", "use": "sig"}) for _ in range(2))
        self.server: Any = create_server(self._app(), host="127.0.0.1", port=0, threads=2)
        self.issuer = f"http://127.0.0.1:{self.server.effective_port}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        try:
            self.server.run()
        except OSError:  # closed while it listened
            return

    def end(self) -> None:
        self.server.close()
        self.server.task_dispatcher.shutdown()

    def comes_back(self, address: str) -> str:
        """Somebody signs in at the address they were led to. Returns the path with which they come back."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
        assert {"openid", "email"} <= set(asked["scope"].split())
        code = hashlib.sha256(repr(asked).encode()).hexdigest()
        self.codes[code] = asked
        back = urlsplit(asked["redirect_uri"])
        return f"{back.path}?{urlencode({'code': code, 'state': asked['state']})}"

    def _app(self) -> Flask:
        app = Flask("directory")
        app.add_url_rule("/.well-known/openid-configuration", view_func=self._offers)
        app.add_url_rule("/keys", view_func=lambda: jsonify({"keys": [self.key.as_dict(private=False)]}))
        app.add_url_rule("/token", view_func=self._token, methods=["POST"])
        app.add_url_rule("/authorize", view_func=self._authorize)
        app.before_request(self._sent_on)
        return app

    def _sent_on(self) -> AnyResponse | None:
        """With the same method and the same body (307), as whoever took over an address of the directory's would."""
        if request.path.startswith("/elsewhere"):
            self.elsewhere.append(request.get_data(as_text=True))
        if request.path in self.says:
            return Response(self.says[request.path], mimetype="application/json")
        return redirect(f"{self.issuer}/elsewhere", 307) if self.moved == request.path else None

    def _offers(self) -> Response:
        self.asked += 1
        offered = {
            "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys",
        }  # fmt: skip
        return jsonify({name: self.changes.get(name, value) for name, value in offered.items()})

    def _authorize(self) -> AnyResponse:
        return redirect(self.comes_back(request.url))

    def _token(self) -> tuple[Response, int]:
        asked = self.codes.pop(request.form.get("code", ""), None)
        verifier = hashlib.sha256(request.form.get("code_verifier", "").encode()).digest()
        given = request.authorization
        if asked is None or given is None or (given.username, given.password) != (CLIENT, SECRET):
            return jsonify(error="invalid_grant"), 400
        if base64.urlsafe_b64encode(verifier).rstrip(b"=").decode() != asked["code_challenge"]:
            return jsonify(error="invalid_grant"), 400
        self.tokens += 1
        now = int(self.now().timestamp())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": "42", "iat": now, "exp": now + 300, "nonce": asked["nonce"],
            **self.who, **self.changes,
        }  # fmt: skip
        key: Any = self.other if self.stranger else self.key
        if self.algorithm == "HS256":
            key = OctKey.import_key(self.key.as_pem(private=False))
        token = jwt.encode({"alg": self.algorithm, "kid": "1"}, claims, key, algorithms=[self.algorithm])
        return jsonify(access_token="x", token_type="Bearer", id_token=self.token or token), 200
