"""Login of the FastAPI server: accounts, tokens (HS256 with the standard library) and connection tickets."""
import base64
import hashlib
import hmac
import itertools
import json
import secrets
import time

from fastapi import Header
from fastapi.responses import JSONResponse
from pydantic import BaseModel

ACCESS_SECONDS = 900
REFRESH_SECONDS = 7 * 24 * 3600


class InvalidToken(Exception):
    """A token that must not be accepted; the first argument is the machine-readable reason."""


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def un_b64url(text):
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


class Tokens:
    """Signs and checks JSON Web Tokens (HS256 only)."""

    def __init__(self, secret, audience):
        self.secret = secret.encode()
        self.audience = audience

    def signature(self, signed):
        return b64url(hmac.new(self.secret, signed.encode(), hashlib.sha256).digest())

    def make(self, user, kind, lifetime):
        now = int(time.time())
        claims = {"sub": user["id"], "email": user["email"], "permissions": ["chat", "agents"], "iat": now,
                  "exp": now + lifetime, "type": kind, "iss": "wsrace-fastapi", "aud": self.audience,
                  "jti": secrets.token_hex(8)}
        signed = b64url(b'{"alg":"HS256","typ":"JWT"}') + "." + b64url(json.dumps(claims).encode())
        return signed + "." + self.signature(signed)

    def read(self, token, kind="access"):
        """The claims of a valid token of this kind, or InvalidToken."""
        try:
            head, body, signature = token.split(".")
            algorithm = json.loads(un_b64url(head))["alg"]
            claims = json.loads(un_b64url(body))
            expires = float(claims["exp"])
            subject = claims["sub"]
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            raise InvalidToken("token_malformed") from problem
        right = self.signature(f"{head}.{body}")
        if algorithm != "HS256" or not hmac.compare_digest(signature.encode(), right.encode()):
            raise InvalidToken("signature_invalid")
        if expires <= time.time():
            raise InvalidToken("token_expired")
        if claims.get("type", "access") != kind or not isinstance(subject, str) or not subject:
            raise InvalidToken("wrong_token_type")
        audience = claims.get("aud", self.audience)
        if self.audience not in (audience if isinstance(audience, list) else [audience]):
            raise InvalidToken("wrong_audience")
        return claims


class Tickets:
    """Short-lived stand-ins for a token, in memory; their use is written down."""

    def __init__(self, store, bugs):
        self.store = store
        self.bugs = bugs
        self.open = {}

    def issue(self, claims, ttl, single_use):
        ticket = {"ticket_id": secrets.token_urlsafe(24), "expires_at": time.time() + ttl,
                  "single_use": single_use}
        self.open[ticket["ticket_id"]] = (ticket, claims)
        return ticket

    async def redeem(self, ticket_id):
        """The claims behind a ticket. It is used up before anything is awaited: of simultaneous uses exactly
        one is admitted."""
        ticket, claims = self.open.get(ticket_id, (None, None))
        if ticket is None:
            raise InvalidToken("ticket_unknown")
        expired = ticket["expires_at"] <= time.time()
        if "ticket_double_spend" in self.bugs:
            await self.store.save()  # Bug: others find the ticket meanwhile.
        if ticket["single_use"] or expired:
            self.open.pop(ticket_id, None)
        if expired:
            raise InvalidToken("ticket_expired")
        if "ticket_double_spend" not in self.bugs:
            await self.store.save()
        return claims


class Accounts:
    """Registered users, in memory. Used on the event loop only."""

    def __init__(self, tokens):
        self.tokens = tokens
        self.by_email = {}
        self.numbers = itertools.count(1)

    def password_digest(self, password):
        return hmac.new(self.tokens.secret, password.encode(), hashlib.sha256).digest()

    def add(self, email, name, password):
        user = {"id": f"u-{next(self.numbers)}", "email": email, "name": name,
                "password": self.password_digest(password)}
        self.by_email[email] = user
        return user

    def find(self, email, password):
        user = self.by_email.get(email)
        if user and hmac.compare_digest(user["password"], self.password_digest(password)):
            return user
        return None


class Credentials(BaseModel):
    email: str
    password: str


class Registration(Credentials):
    name: str


class RefreshRequest(BaseModel):
    refresh_token: str


class ValidateRequest(BaseModel):
    token: str


class TicketRequest(BaseModel):
    ttl_seconds: float = 60
    single_use: bool = True


def denied(status, error):
    return JSONResponse({"error": error}, status_code=status)


def token_body(tokens, user):
    return {"access_token": tokens.make(user, "access", ACCESS_SECONDS),
            "refresh_token": tokens.make(user, "refresh", REFRESH_SECONDS),
            "token_type": "Bearer", "expires_in": ACCESS_SECONDS,
            "user": {"id": user["id"], "email": user["email"]}}


def add_login(app, tokens, tickets):
    accounts = Accounts(tokens)

    # Coroutines, all of them: FastAPI runs plain functions on threads, and the accounts have no lock.
    @app.post("/auth/register")
    async def register(request: Registration):
        if request.email in accounts.by_email:
            return denied(409, "email_exists")
        return token_body(tokens, accounts.add(request.email, request.name, request.password))

    @app.post("/auth/login")
    async def login(request: Credentials):
        user = accounts.find(request.email, request.password)
        if user is None:
            return denied(401, "bad_credentials")
        return token_body(tokens, user)

    @app.post("/auth/refresh")
    async def refresh(request: RefreshRequest):
        try:
            claims = tokens.read(request.refresh_token, kind="refresh")
        except InvalidToken as problem:
            return denied(401, str(problem))
        return token_body(tokens, {"id": claims["sub"], "email": claims.get("email", "")})

    @app.post("/auth/validate")
    async def validate(request: ValidateRequest):
        try:
            claims = tokens.read(request.token)
        except InvalidToken as problem:
            return {"valid": False, "error": str(problem), "message": "the token was not accepted"}
        return {"valid": True, "user_id": claims["sub"], "email": claims.get("email"),
                "permissions": claims.get("permissions", []), "expires_at": claims["exp"]}

    @app.post("/api/websocket/ticket")
    async def ticket(request: TicketRequest, authorization: str = Header("")):
        kind, _, bearer = authorization.partition(" ")
        try:
            claims = tokens.read(bearer.strip() if kind.lower() == "bearer" else "")
        except InvalidToken as problem:
            return denied(401, str(problem))
        issued = tickets.issue(claims, request.ttl_seconds, request.single_use)
        return {**issued, "websocket_url": f"/ws?ticket={issued['ticket_id']}"}
