'use strict';
// Login of the Node server: accounts, tokens (HS256) and connection tickets, all in memory on the event loop.

const { createHmac, randomBytes, randomUUID, timingSafeEqual } = require('node:crypto');

const ACCESS_SECONDS = 900;
const REFRESH_SECONDS = 7 * 24 * 3600;

/** An answer other than 200; `status` is the HTTP status, the message the machine-readable reason. */
class Refusal extends Error {
    constructor(status, reason) {
        super(reason);
        this.status = status;
    }
}

function sameBytes(left, right) {
    const a = Buffer.from(left);
    const b = Buffer.from(right);
    return a.length === b.length && timingSafeEqual(a, b);
}

/** Signs and checks JSON Web Tokens. Its own carry no `aud`; a foreign one is checked against `audience`. */
class Tokens {
    constructor(secret, audience) {
        this.secret = secret;
        this.audience = audience;
    }

    hmac(text) {
        return createHmac('sha256', this.secret).update(text).digest('base64url');
    }

    make(user, kind, lifetime) {
        const now = Math.floor(Date.now() / 1000);
        const claims = { sub: user.id, email: user.email, permissions: ['chat', 'agents'], iat: now,
                         exp: now + lifetime, type: kind, iss: 'wsrace-node', jti: randomUUID() };
        const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
        const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
        return `${signed}.${this.hmac(signed)}`;
    }

    /** The claims of a valid token of this kind; throws a Refusal (401) otherwise. */
    read(token, kind = 'access') {
        const [head, body, signature, ...rest] = String(token).split('.');
        let algorithm;
        let claims;
        try {
            algorithm = JSON.parse(Buffer.from(head, 'base64url').toString()).alg;
            claims = JSON.parse(Buffer.from(body ?? '', 'base64url').toString());
        } catch {
            throw new Refusal(401, 'token_malformed');
        }
        const right = this.hmac(`${head}.${body}`);
        if (rest.length > 0 || algorithm !== 'HS256' || !sameBytes(signature ?? '', right)) {
            throw new Refusal(401, 'signature_invalid');
        }
        if (!(claims.exp * 1000 > Date.now())) throw new Refusal(401, 'token_expired');
        if ((claims.type ?? 'access') !== kind || typeof claims.sub !== 'string' || !claims.sub) {
            throw new Refusal(401, 'wrong_token_type');
        }
        if (claims.aud !== undefined && ![claims.aud].flat().includes(this.audience)) {
            throw new Refusal(401, 'wrong_audience');
        }
        return claims;
    }

    body(user) {
        return { access_token: this.make(user, 'access', ACCESS_SECONDS),
                 refresh_token: this.make(user, 'refresh', REFRESH_SECONDS), token_type: 'Bearer',
                 expires_in: ACCESS_SECONDS, user: { id: user.id, email: user.email } };
    }
}

function requireStrings(fields, ...names) {
    for (const name of names) {
        if (typeof fields?.[name] !== 'string') throw new Refusal(422, `missing_field: ${name}`);
    }
}

function bearerOf(headers) {
    return /^bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
}

/** The login calls. Each handler takes the parsed body and the headers and returns the answer. */
class Login {
    constructor(secret, audience) {
        this.tokens = new Tokens(secret, audience);
        this.accounts = new Map();
        this.tickets = new Map();
        this.calls = {
            '/auth/register': (body) => this.register(body),
            '/auth/login': (body) => this.login(body),
            '/auth/refresh': (body) => this.refresh(body),
            '/auth/validate': (body) => this.validate(body),
            '/api/websocket/ticket': (body, headers) => this.ticket(body, headers),
        };
    }

    register(body) {
        requireStrings(body, 'email', 'password', 'name');
        if (this.accounts.has(body.email)) throw new Refusal(409, 'email_exists');
        const user = { id: `u-${this.accounts.size + 1}`, email: body.email,
                       password: this.tokens.hmac(body.password) };
        this.accounts.set(body.email, user);
        return this.tokens.body(user);
    }

    login(body) {
        requireStrings(body, 'email', 'password');
        const user = this.accounts.get(body.email);
        if (!user || !sameBytes(user.password, this.tokens.hmac(body.password))) {
            throw new Refusal(401, 'bad_credentials');
        }
        return this.tokens.body(user);
    }

    refresh(body) {
        requireStrings(body, 'refresh_token');
        const claims = this.tokens.read(body.refresh_token, 'refresh');
        return this.tokens.body({ id: claims.sub, email: claims.email });
    }

    validate(body) {
        requireStrings(body, 'token');
        try {
            const claims = this.tokens.read(body.token);
            return { valid: true, user_id: claims.sub, email: claims.email,
                     permissions: claims.permissions ?? [], expires_at: claims.exp };
        } catch (refusal) {
            return { valid: false, error: refusal.message, message: 'the token was not accepted' };
        }
    }

    ticket(body, headers) {
        const claims = this.tokens.read(bearerOf(headers));
        const ticket = { ticket_id: randomBytes(24).toString('base64url'),
                         expires_at: Date.now() / 1000 + (body?.ttl_seconds ?? 60),
                         single_use: body?.single_use ?? true };
        this.tickets.set(ticket.ticket_id, { ...ticket, claims });
        return { ...ticket, websocket_url: `/ws?ticket=${ticket.ticket_id}` };
    }

    /** Nothing is awaited between reading and deleting: of simultaneous uses exactly one is admitted. */
    redeem(ticketId) {
        const ticket = this.tickets.get(ticketId);
        if (!ticket) throw new Refusal(401, 'ticket_unknown');
        const expired = ticket.expires_at * 1000 <= Date.now();
        if (ticket.single_use || expired) this.tickets.delete(ticketId);
        if (expired) throw new Refusal(401, 'ticket_expired');
        return ticket.claims;
    }

    /** The claims of an upgrade request, whichever of the four carriers it uses; throws a Refusal (401). */
    admit(headers, query, offers) {
        const bearer = bearerOf(headers);
        if (bearer) return this.tokens.read(bearer);
        const bearing = offers.find((offer) => offer.startsWith('jwt.'));
        if (bearing) return this.tokens.read(Buffer.from(bearing.slice(4), 'base64url').toString());
        if (query.has('token')) return this.tokens.read(query.get('token'));
        if (query.has('ticket')) return this.redeem(query.get('ticket'));
        throw new Refusal(401, 'token_missing');
    }
}

module.exports = { Login, Refusal };
