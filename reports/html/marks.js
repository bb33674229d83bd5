// Events in words and as marks on a lane. An event of the data: t (µs), k (kind), n (name), w (words), and where it
// has them c (incarnation), r (request), v (close code), s (instance), p (payload), q (it has one, but not here), o (whose canary), e (a proof), b (trouble).

const step_words = {login: 'login', tcp_connect: 'connects', tls: 'TLS', upgrade_sent: 'upgrade', upgrade_answered: 'open',
    request_sent: 'asks', ping_sent: 'ping', pong_awaited: 'pong', stop_sent: 'stop', drop: 'cut by us',
    close_sent: 'closes', aborted: 'aborts', pause: 'pause', reading_stopped: 'stops reading',
    reading_resumed: 'reads again'};

// A few letters beside a mark; empty: it needs none.
function label_of(event) {
    switch (event.k) {
    case 'step': {
        const said = step_words[event.n];
        if (event.b) return event.w.replace(/^step /, '').replace(/, planned at.*/, '').slice(0, 40);
        return event.n === 'request_sent' && event.r !== undefined ? `asks (request ${event.r})` : said || '';
    }
    case 'frame': return event.foreign ? `${event.n} of ${event.foreign}` : event.n;
    case 'end': return event.n === 'peer_closed' ? `closed ${event.v} by target` : event.n === 'we_closed' ?
        `closed ${event.v}` : words(event.n);
    case 'life_cycle': return words(event.n);
    case 'fault': return event.w.replace(/^fault: /, '').slice(0, 34);
    case 'log': return event.b || event.e ? event.w.replace(/^\w+: (\[?[\d:.TZ ,-]{10,}\]? *)?/, '').slice(0, 44) : '';
    case 'gate': return `gate ${event.n}`;
    case 'constraint': return event.w.slice(0, 30);
    default: return event.k;
    }
}

// What somebody did, as a sentence's end: "connected"; null: not a deed that could have led to anything.
function deed_of(event) {
    if (event.k === 'end') return event.n === 'peer_closed' ? `was closed by the target with ${event.v}` :
        event.n === 'we_closed' ? `closed (${event.v})` : event.n === 'we_dropped' ? 'was cut on purpose' :
            `lost the connection (${words(event.n)})`;
    if (event.k === 'life_cycle') return `server ${words(event.n)}`;
    if (event.k === 'fault') return event.w.replace(/^fault: /, '');
    if (event.k !== 'step') return null;
    const request = event.r === undefined ? '' : ` (request ${event.r})`;
    if (event.b) return event.w.replace(/, planned at.*/, '').replace(/^step /, '');
    return {upgrade_answered: event.c ? `connected again (reopened ${event.c})` : 'connected', request_sent: `asked${request}`,
        drop: 'was cut on purpose', close_sent: 'began to close', stop_sent: `stopped its run${request}`,
        aborted: 'gave up connecting', reading_stopped: 'stopped reading', reading_resumed: 'read again'}[event.n] || null;
}

// The event in words, without what goes without saying.
function said(event) {
    const text = event.w.replace(/^(step|frame) /, '').replace(/: ok(?=,|$)/, '').replace(/, own canary/, '');
    return event.k === 'step' ? text.replace(/^(\w+)/, name => words(name)) : text;
}

function lane_name(lane) {
    return lane.role === 'target' ? 'the target' : `user ${lane.user}, connection ${lane.slot}`;
}

const role_words = {subject: 'where it happened', owner: 'whose data it was', sibling: 'another connection of the same user', named: 'named by the evidence',
    nearby: 'did something just before', target: 'its life, faults and output'};

const frame_classes = {welcome: 'other', agent_started: 'started', agent_thinking: 'thinking', tool_executing: 'tool',
    tool_completed: 'tool_done', agent_completed: 'completed', agent_error: 'error', error_message: 'error'};

// The shape at (x, y), and a ring around what proves the violation.
function mark(event, x, y) {
    const group = drawn('g', {class: `mark ${event.k} ${event.b ? 'bad' : ''}`, transform: `translate(${x} ${y})`});
    if (event.e) group.append(drawn('circle', {class: 'proof', r: 10}));
    group.append(shape(event));
    return group;
}

function shape(event) {
    switch (event.k) {
    case 'frame':
        if (event.foreign) return drawn('path', {class: 'foreign', d: 'M0-7.5 7.5 0 0 7.5-7.5 0Z'});
        return drawn('circle', {class: `frame_${frame_classes[event.n] || 'other'}`, r: 5});
    case 'step':
        if (event.n === 'request_sent') return drawn('path', {class: 'asks', d: 'M-5-6 7 0-5 6Z'});
        return drawn('rect', {x: -1.75, y: -7, width: 3.5, height: 14, rx: 1.5});
    case 'end': return drawn('rect', {x: -5, y: -5, width: 10, height: 10});
    case 'log': return event.b ? drawn('path', {d: 'M0-8 2.4-2.6 8-2 3.8 1.8 5 7.6 0 4.6-5 7.6-3.8 1.8-8-2-2.4-2.6Z'}) :
        drawn('path', {class: 'lines', d: 'M-5-4H5M-5 0H5M-5 4H2'});
    case 'fault': return drawn('path', {d: 'M-1-8 5-8 1-2 5-2-3 8-1 1-5 1Z'});
    case 'life_cycle': return drawn('path', {d: 'M-5-6H5V1L0 7-5 1Z'});
    case 'gate': case 'constraint': return drawn('path', {class: 'hollow', d: 'M0-6 6 0 0 6-6 0Z'});
    default: return drawn('circle', {r: 4});
    }
}

function legend() {
    const entries = [[{k: 'step', n: 'request_sent'}, 'a request'], [{k: 'step', n: 'welcome'}, 'another step of a journey'],
        [{k: 'frame', n: 'agent_started'}, 'agent_started'], [{k: 'frame', n: 'agent_thinking'}, 'agent_thinking'],
        [{k: 'frame', n: 'tool_executing'}, 'tool_executing'], [{k: 'frame', n: 'tool_completed'}, 'tool_completed'],
        [{k: 'frame', n: 'agent_completed'}, 'agent_completed'], [{k: 'frame', n: 'welcome'}, 'another frame'],
        [{k: 'frame', n: 'agent_error'}, 'an error'], [{k: 'frame', n: '', foreign: 'x', b: 1}, 'a frame with somebody else\'s data'],
        [{k: 'end', n: 'we_closed'}, 'a connection ends'], [{k: 'end', n: '', b: 1}, 'ended by the target'],
        [{k: 'life_cycle', n: ''}, 'the server\'s life'], [{k: 'log', n: ''}, 'a line of its output'],
        [{k: 'log', n: '', b: 1}, 'a sanitizer\'s report'], [{k: 'fault', n: ''}, 'a fault, on purpose'],
        [{k: 'gate', n: ''}, 'a gate or a constraint'], [{k: 'other', e: 1}, 'proves the violation']];
    return fold('What the marks mean', false, element('ul', {class: 'legend'}, entries.map(([event, text]) =>
        element('li', {}, drawn('svg', {width: 24, height: 24, 'aria-hidden': 'true'}, mark(event, 12, 12)), text))),
        element('p', {class: 'quiet'}, 'A thick line is an open connection, the thin one below it a run, from its request ' +
            'to its last event. Shaded: a time in which the server was not just running, or a fault acted; of one lane: on its link.'));
}

// Canaries and missing fields are notes on the frame that carried them: one mark says both.
function with_notes({events, user}) {
    let frame = null;
    for (const event of events) {
        if (event.k === 'frame') frame = event;
        const is_note = ['canary', 'schema', 'mention'].includes(event.k) && frame && event.t - frame.t < 1000 && event.c === frame.c;
        if (!is_note) continue;
        (frame.notes = frame.notes || []).push(event.o ? event.w.replace('canary of another connection', `canary of ${event.o}`) : event.w);
        if (event.k === 'canary') frame.foreign = owner_of(event.o, user);
        if (event.e) frame.e = 1;
        frame.b = 1;
        event.hidden = true;
    }
    return events;
}

// Whose canary it is, as briefly as it can be said to somebody who looks at the lane of `user`.
function owner_of(owner, user) {
    if (!owner) return 'somebody else';
    const [name, connection] = owner.split(', ');
    return name === `user ${user}` ? connection : name;
}

// Connections of a lane as [from, until]; one that began before what is shown has no begin.
function open_spans(lane) {
    const spans = [];
    let from = lane.before > 0 && !opens_first(lane.events) ? -Infinity : null;
    for (const event of lane.events) {
        if (event.k === 'step' && event.n === 'upgrade_answered' && !event.b) from = event.t;
        if (event.k !== 'end' || from === null) continue;
        spans.push([from, event.t]);
        from = null;
    }
    if (from !== null) spans.push([from, Infinity]);
    return spans;
}

function opens_first(events) {
    for (const event of events) {
        if (event.k === 'step' && ['tcp_connect', 'upgrade_sent', 'upgrade_answered', 'login'].includes(event.n)) return true;
        if (event.k === 'frame' || event.k === 'end') return false;
    }
    return true;
}

// Times in which the link of a lane's connection was not as it should be, on purpose: until the connection ends.
function link_spans(lane) {
    return lane.events.filter(event => event.k === 'fault' && event.w.startsWith('fault: link')).map(fault => {
        const end = lane.events.find(event => event.k === 'end' && event.t >= fault.t && event.c === fault.c);
        return [fault.t, end ? end.t : Infinity];
    });
}

// Runs of a lane as [from, until, request].
function run_spans(lane) {
    const spans = new Map();
    for (const event of lane.events) {
        if (event.r === undefined || event.hidden) continue;
        if (event.n === 'request_sent') spans.set(event.r, [event.t, event.t, event.r]);
        else if (event.k === 'frame' && spans.has(event.r)) spans.get(event.r)[1] = event.t;
    }
    return [...spans.values()];
}
