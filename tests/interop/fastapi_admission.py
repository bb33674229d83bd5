"""Who is let in by the FastAPI server, by which credential, and how often."""
import collections
import time

from fastapi_login import InvalidToken, un_b64url

GUARD_SECONDS = 1


class Admission:
    """Judges upgrade requests. Used on the event loop only."""

    def __init__(self, tokens, tickets, rate_limit, bugs):
        self.tokens = tokens
        self.tickets = tickets
        self.rate_limit = rate_limit  # connects per second and user; 0: any number
        self.bugs = bugs
        self.connects = collections.defaultdict(collections.deque)  # when, by whose they are counted
        self.last_uses = {}  # of tokens, for token_reuse_guard

    async def admit(self, socket):
        """The claims and the subprotocol to answer for an upgrade request, or InvalidToken."""
        offers = socket.scope.get("subprotocols", [])
        claims = await self.identify(socket, offers)
        # Bug: all who come through one proxy come from one address.
        counted = socket.client.host if "shared_rate_limit" in self.bugs else claims["sub"]
        if self.comes_too_often(counted):
            raise InvalidToken("rate_limited")
        return claims, "jwt-auth" if "jwt-auth" in offers else None

    async def identify(self, socket, offers):
        token = self.presented(socket, offers)
        if token is None and "ticket" in socket.query_params:
            return await self.tickets.redeem(socket.query_params["ticket"])
        if token is None:
            raise InvalidToken("token_missing")
        claims = self.tokens.read(token)
        if "token_reuse_guard" in self.bugs:
            # Bug: a second tab and a quick return bring the same token, too.
            now = time.monotonic()
            last, self.last_uses[token] = self.last_uses.get(token), now
            if last is not None and now - last < GUARD_SECONDS:
                raise InvalidToken("token_stolen")
        return claims

    @staticmethod
    def presented(socket, offers):
        kind, _, bearer = socket.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return bearer.strip()
        for offer in offers:
            if offer.startswith("jwt."):
                try:
                    return un_b64url(offer[len("jwt."):]).decode()
                except ValueError as problem:
                    raise InvalidToken("token_malformed") from problem
        return socket.query_params.get("token")

    def comes_too_often(self, who):
        if self.rate_limit == 0:
            return False
        now = time.monotonic()
        recent = self.connects[who]
        while recent and now - recent[0] >= 1:
            recent.popleft()
        recent.append(now)
        return len(recent) > self.rate_limit
