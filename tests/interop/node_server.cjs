#!/usr/bin/env node
'use strict';
// A correct server of the agent-event protocol on Node's `ws` package, apart from the reference server.
// Of the tolerated forms it picks: type and ids at the top level, ISO timestamps without a zone, the
// token-bearing subprotocol echoed, a refused upgrade answered 401.

const http = require('node:http');
const { randomBytes } = require('node:crypto');
const { parseArgs } = require('node:util');
module.paths.push('/usr/share/nodejs'); // Debian's node-ws, for a Node that is not Debian's
const { WebSocket, WebSocketServer } = require('ws');
const { Login, Refusal } = require('./node_login.cjs');

const BUGS = {
    accept_before_supervisor: 'users are let in once the keys are there, before the supervisor is',
    first_match_router: "all users' handlers live in one router, the first match serves everybody",
    swapped_payload: 'one payload object is reused by all runs while the event is being saved',
};
const MAX_MESSAGE_BYTES = 65536;
const MAX_BODY_BYTES = 65536;
const SHARE_OF_KEYS = 0.25; // how much of a cold start passes until the keys are there, not the supervisor

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const timestamp = () => new Date().toISOString().slice(0, -1);

let numbers = 0;
const nextId = (prefix) => `${prefix}-${++numbers}`;

/** Finds the handler of a message. Every connection has a router of its own. */
class Router {
    constructor() {
        this.routes = [];
    }

    add(types, owner, handler) {
        this.routes.push({ types, owner, handler });
    }

    remove(owner) {
        this.routes = this.routes.filter((route) => route.owner !== owner);
    }

    dispatch(message, socket) {
        const route = this.routes.find((candidate) => candidate.types.includes(message.type));
        route?.handler(message, socket);
        return route !== undefined;
    }
}

/** The journal of events, written before an event is sent. Stands for a database: saving takes time. */
class Journal {
    constructor() {
        this.length = 0;
    }

    async append() {
        await new Promise((resolve) => setImmediate(resolve));
        this.length += 1;
    }
}

function* agentEvents(text, executionId, elapsed) {
    const context = { user_request: text };
    yield ['agent_started', { status: 'started', message: 'Working on it.', context }];
    yield ['agent_thinking', { reasoning: `The user asks: ${text}`, step_number: 1 }];
    yield ['tool_executing', { tool_name: 'search', parameters: { q: text }, execution_id: executionId,
                               status: 'executing' }];
    yield ['tool_completed', { tool_name: 'search', result: { q: text, hits: 3 }, execution_id: executionId,
                               execution_time_ms: elapsed() }];
    yield ['agent_completed', { status: 'completed', result: `Answer to: ${text}`,
                                final_response: `Answer to: ${text}`, execution_time_ms: elapsed() }];
}

function send(socket, frame) {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
}

/** What all connections share. */
class Server {
    constructor(options) {
        this.bugs = new Set(options.bug);
        this.stepDelay = Number(options['step-delay']);
        this.login = new Login(process.env.WSRACE_JWT_SECRET || randomBytes(32), options.audience);
        this.journal = new Journal();
        this.router = new Router();
        this.payload = {};
        this.connections = new Set();
        this.totalConnections = 0;
        this.leaving = false;
        this.coldStart = Number(options['cold-start']);
        this.keysAreThere = this.coldStart === 0;
        this.supervisor = this.coldStart === 0 ? agentEvents : undefined; // makes the events of a run
    }

    /** What users need. The port is open already, so that a load balancer sees that the process lives. */
    async fetchDependencies() {
        await pause(this.coldStart * SHARE_OF_KEYS);
        this.keysAreThere = true;
        await pause(this.coldStart * (1 - SHARE_OF_KEYS));
        this.supervisor = agentEvents;
    }

    letsUsersIn() {
        if (this.bugs.has('accept_before_supervisor')) return this.keysAreThere;
        return this.supervisor !== undefined;
    }

    routerForConnection() {
        return this.bugs.has('first_match_router') ? this.router : new Router();
    }

    payloadOf(fields) {
        if (!this.bugs.has('swapped_payload')) return fields;
        for (const name of Object.keys(this.payload)) delete this.payload[name];
        return Object.assign(this.payload, fields);
    }

    counters() {
        let runs = 0;
        for (const connection of this.connections) runs += connection.runs.size;
        return { status: 'healthy', active_connections: this.connections.size, active_runs: runs,
                 total_connections: this.totalConnections, managers: this.connections.size };
    }
}

/** One accepted WebSocket, its user and its runs. A handler answers on the socket it is given. */
class Connection {
    constructor(server, socket, userId) {
        this.server = server;
        this.socket = socket;
        this.userId = userId;
        this.id = nextId('c');
        this.runs = new Map();
        this.router = server.routerForConnection();
        this.addRoutes();
        socket.on('message', (data, isBinary) => this.take(isBinary ? '' : data.toString()));
        socket.on('close', () => this.leave());
        socket.on('error', () => socket.terminate());
        send(socket, { type: 'connection_established', connection_id: this.id, user_id: userId,
                       server_time: timestamp(),
                       config: { heartbeat_interval: 25, max_message_size: MAX_MESSAGE_BYTES } });
    }

    addRoutes() {
        const fieldsOf = (message) => (typeof message.payload === 'object' && message.payload) || message;
        this.router.add(['start_agent'], this, (message, socket) =>
            this.start(fieldsOf(message).user_request, fieldsOf(message), socket));
        this.router.add(['user_message', 'chat'], this, (message, socket) =>
            this.start(fieldsOf(message).content, fieldsOf(message), socket));
        this.router.add(['stop_agent'], this, (message) => this.stop(fieldsOf(message).run_id));
        this.router.add(['ping'], this, (message, socket) => {
            const data = { timestamp: fieldsOf(message).timestamp, user_id: this.userId };
            send(socket, { type: 'pong', data });
        });
        this.router.add(['pong', 'heartbeat'], this, () => {});
    }

    refuse(code, text) {
        send(this.socket, { type: 'error_message', error_code: code, error_message: text, details: {},
                            timestamp: timestamp() });
    }

    take(text) {
        let message;
        try {
            message = JSON.parse(text);
        } catch {
            message = undefined;
        }
        if (typeof message?.type !== 'string') {
            this.refuse('invalid_message', 'expected an object with a type');
        } else if (!this.router.dispatch(message, this.socket)) {
            this.refuse('unknown_type', `cannot handle ${message.type}`);
        }
    }

    start(text, fields, socket) {
        if (typeof text !== 'string') return this.refuse('missing_field', 'the request has no text');
        const run = { run_id: nextId('r'), user_id: this.userId, thread_id: fields.thread_id || nextId('t'),
                      agent_name: 'supervisor' };
        const state = { run, stopped: false };
        this.runs.set(run.run_id, state);
        this.play(state, text, socket).catch((problem) =>
            send(socket, { type: 'agent_error', ...run, timestamp: timestamp(),
                           payload: { error: String(problem.message) } })
        ).finally(() => this.runs.delete(run.run_id));
    }

    /** The agent: five events, each saved and then sent, with a pause between them. */
    async play(state, text, socket) {
        const begun = Date.now();
        let first = true;
        for (const [type, fields] of this.server.supervisor(text, nextId('x'), () => Date.now() - begun)) {
            if (!first) await pause(this.server.stepDelay);
            first = false;
            const payload = this.server.payloadOf(fields);
            await this.server.journal.append(type, payload);
            if (state.stopped) return;
            send(socket, { type, ...state.run, timestamp: timestamp(), payload });
        }
    }

    stop(runId) {
        const state = this.runs.get(runId);
        if (!state) return this.refuse('unknown_run', 'no such run on this connection');
        state.stopped = true;
        this.runs.delete(runId);
        send(this.socket, { type: 'agent_completed', ...state.run, timestamp: timestamp(),
                            payload: { status: 'stopped', result: 'stopped', final_response: 'stopped',
                                       execution_time_ms: 0 } });
    }

    leave() {
        for (const state of this.runs.values()) state.stopped = true;
        this.router.remove(this);
        this.server.connections.delete(this);
    }
}

async function readJson(request) {
    let text = '';
    for await (const chunk of request) {
        text += chunk;
        if (text.length > MAX_BODY_BYTES) throw new Refusal(413, 'body_too_large');
    }
    try {
        return text ? JSON.parse(text) : {};
    } catch {
        throw new Refusal(422, 'invalid_json');
    }
}

async function answerHttp(server, request, response) {
    const reply = (status, body) => {
        response.writeHead(status, { 'Content-Type': 'application/json' });
        response.end(JSON.stringify(body));
    };
    const path = request.url.split('?')[0];
    try {
        const call = server.login.calls[path];
        if (request.method === 'POST' && call) reply(200, call(await readJson(request), request.headers));
        else if (path === '/health') reply(200, { status: 'healthy' });
        else if (path === '/health/ready') {
            const status = server.leaving ? 'going_away' : server.supervisor ? 'ready' : 'starting';
            reply(status === 'ready' ? 200 : 503, { status });
        } else if (path === '/ws/health' || path === '/ws/stats') reply(200, server.counters());
        else reply(404, { error: 'not_found' });
    } catch (problem) {
        reply(problem.status ?? 500, { error: problem.message });
    }
}

function refuseUpgrade(stream, status, reason) {
    const body = JSON.stringify({ error: reason });
    const retry = status === 503 ? 'Retry-After: 1\r\n' : '';
    stream.end(`HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\nConnection: close\r\n${retry}` +
               `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

function admitUpgrade(server, request) {
    if (server.leaving) throw new Refusal(503, 'server_going_away');
    if (!server.letsUsersIn()) throw new Refusal(503, 'server_starting');
    const url = new URL(request.url, 'ws://localhost');
    if (!['/ws', '/api/v1/websocket'].includes(url.pathname)) throw new Refusal(404, 'not_found');
    const offers = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((offer) => offer.trim());
    return server.login.admit(request.headers, url.searchParams, offers);
}

function chooseProtocol(offers) {
    const bearing = [...offers].find((offer) => offer.startsWith('jwt.'));
    return bearing ?? (offers.has('jwt-auth') ? 'jwt-auth' : false);
}

function listen(server, port) {
    const listener = http.createServer((request, response) => answerHttp(server, request, response));
    const sockets = new WebSocketServer({ noServer: true, handleProtocols: chooseProtocol,
                                          maxPayload: MAX_MESSAGE_BYTES });
    listener.on('upgrade', (request, stream, head) => {
        stream.on('error', () => stream.destroy());
        try {
            const claims = admitUpgrade(server, request);
            sockets.handleUpgrade(request, stream, head, (socket) => {
                if (!server.supervisor) return socket.close(1011, 'the supervisor is not available');
                server.totalConnections += 1;
                server.connections.add(new Connection(server, socket, claims.sub));
            });
        } catch (refusal) {
            refuseUpgrade(stream, refusal.status ?? 500, refusal.message);
        }
    });
    listener.listen({ port, host: '127.0.0.1', backlog: 4096 }, () => {
        console.log(`listening on 127.0.0.1:${listener.address().port}`);
        if (server.coldStart > 0) server.fetchDependencies();
    });
    return listener;
}

/** Says 1001 to everybody; the process ends by itself once the last client has answered. */
function goAway(server, listener) {
    server.leaving = true;
    listener.close();
    listener.closeIdleConnections();
    for (const connection of server.connections) connection.socket.close(1001, 'server going away');
}

function main() {
    const { values } = parseArgs({ options: {
        port: { type: 'string', default: '0' },
        bug: { type: 'string', multiple: true, default: [] },
        'step-delay': { type: 'string', default: '5' },
        'cold-start': { type: 'string', default: '0' },
        audience: { type: 'string', default: 'agent-events' },
    } });
    const unknown = values.bug.find((name) => !Object.hasOwn(BUGS, name));
    if (unknown) {
        console.error(`unknown bug "${unknown}" (known: ${Object.keys(BUGS).join(', ')})`);
        process.exit(2);
    }
    const server = new Server(values);
    const listener = listen(server, Number(values.port));
    for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => goAway(server, listener));
}

main();
