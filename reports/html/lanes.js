// One scene: users and the target beside each other on one time axis. Lanes are our own drawing, since no chart has
// them; marks can be reached with a pointer, a finger or the keyboard.

const margin = 14;
const title_height = 20;
const label_height = 13;
const track_height = 30;
const axis_height = 22;

class Lanes {
    constructor(scene, windows) {
        this.scene = scene;
        this.windows = windows;
        this.width = 0;
        this.lanes = scene.lanes.map((lane, number) => ({...lane, number, events: with_notes(lane)}))
            .filter(lane => lane.role !== 'target' || lane.events.length > 0 || windows.length > 0);
        this.nearby = false;
        const nearest = this.lanes.find(lane => lane.role === 'nearby');
        if (nearest) nearest.is_nearest = true;
        this.pinned = this.proof();
        this.shown = this.pinned;
        this.svg = drawn('svg', {class: 'lanes', 'aria-hidden': 'true'});
        this.detail = element('div', {class: 'detail', 'aria-live': 'polite'});
        this.picture = element('div', {class: 'picture', tabindex: '0', role: 'application',
            'aria-label': 'Lanes. Arrow keys move from event to event and from lane to lane, plus and minus zoom, 0 shows the moment.'}, this.svg);
        this.list = element('ol', {class: 'events'});
        this.all_listed = false;
        this.more = element('button', {type: 'button', class: 'list_all', onclick: () => {
            this.all_listed = !this.all_listed;
            this.fill_list();
        }});
        this.element = element('div', {class: 'scene'}, this.toolbar(), this.picture, this.detail,
            element('h4', {}, 'In the order in which it happened'), this.list, this.more);
        this.listen();
        this.focus();
    }

    proof() {
        const found = this.lanes.flatMap(lane => lane.events.map(event => ({lane, event})))
            .filter(one => one.event.e && !one.event.hidden);
        return found.filter(one => one.lane.role === 'subject').pop() || found[0] || null;
    }

    visible() {
        return this.lanes.filter(lane => lane.role === 'target' ? this.target_is_in_view(lane) :
            this.nearby || lane.role !== 'nearby' || lane.is_nearest);
    }

    target_is_in_view(lane) {
        return lane.events.some(event => this.is_in_view(event)) || this.windows.some(one => one.until_us > this.from && one.from_us < this.until);
    }

    toolbar() {
        const button = (text, title, act) => element('button', {type: 'button', title, 'aria-label': title,
            onclick: act}, text);
        const others = this.lanes.filter(lane => lane.role === 'nearby' && !lane.is_nearest).length;
        const more = `Show ${others} more nearby`;
        const fold_button = others > 0 && element('button', {type: 'button', class: 'nearby', 'aria-expanded': 'false', onclick: () => {
            this.nearby = !this.nearby;
            fold_button.setAttribute('aria-expanded', String(this.nearby));
            fold_button.textContent = this.nearby ? 'Fold those nearby' : more;
            this.draw();
            this.fill_list();
        }}, more);
        return element('div', {class: 'toolbar', role: 'group', 'aria-label': 'What part of the time is shown'},
            button('Moment', 'Show the moment of the violation', () => this.focus()),
            button('All', 'Show all events of these lanes', () => this.whole()),
            button('−', 'Zoom out', () => this.zoom(2)), button('+', 'Zoom in', () => this.zoom(0.5)),
            button('◀', 'Earlier', () => this.move(-0.4)), button('▶', 'Later', () => this.move(0.4)), fold_button);
    }

    focus() {
        [this.from, this.until] = this.scene.focus_us;
        this.draw();
        this.fill_list();
        this.show(this.shown);
    }

    whole() {
        const times = this.visible().filter(lane => lane.role !== 'target').flatMap(lane => lane.events.map(event => event.t));
        if (times.length === 0) times.push(...this.visible().flatMap(lane => lane.events.map(event => event.t)));
        const from = Math.min(...times, this.scene.focus_us[0]);
        const until = Math.max(...times, this.scene.focus_us[1]);
        this.from = from - (until - from) / 40;
        this.until = until + (until - from) / 40;
        this.draw();
    }

    zoom(factor) {
        const centre = this.shown ? Math.min(Math.max(this.shown.event.t, this.from), this.until) : (this.from + this.until) / 2;
        const width = Math.max((this.until - this.from) * factor, 20);
        const part = (centre - this.from) / (this.until - this.from);
        this.from = centre - width * part;
        this.until = this.from + width;
        this.draw();
    }

    move(part) {
        const by = (this.until - this.from) * part;
        this.from += by;
        this.until += by;
        this.draw();
    }

    x(t) {
        const x = margin + (t - this.from) / (this.until - this.from) * (this.width - 2 * margin);
        return Math.min(Math.max(x, -1000), this.width + 1000);
    }

    draw() {
        this.width = this.picture.clientWidth || this.width || 800;
        const shaded = this.windows.some(one => one.until_us > this.from && one.from_us < this.until);
        let y = axis_height + (shaded ? 16 : 0);
        for (const lane of this.visible()) {
            lane.top = y;
            lane.rows = lane.events.some(event => this.is_in_view(event) && label_of(event)) ? lane.role === 'subject' ? 3 : 2 : 0;
            lane.track = y + title_height + lane.rows * label_height + track_height / 2;
            y = lane.track + track_height / 2 + 6;
        }
        this.height = y + 2;
        this.svg.setAttribute('viewBox', `0 0 ${this.width} ${this.height}`);
        this.svg.setAttribute('height', this.height);
        this.svg.replaceChildren(this.definitions(), ...this.shades(), ...this.ticks(), ...this.arrows(),
            ...this.visible().map(lane => this.lane(lane)), ...this.ring());
    }

    is_in_view(event) {
        return !event.hidden && event.t >= this.from && event.t <= this.until;
    }

    definitions() {
        return drawn('defs', {}, drawn('marker', {id: 'arrow_head', viewBox: '0 0 10 10', refX: 9, refY: 5, markerWidth: 7,
            markerHeight: 7, orient: 'auto-start-reverse'}, drawn('path', {class: 'head', d: 'M0 0 10 5 0 10Z'})));
    }

    shades() {
        const out = [];
        let right = -Infinity;
        for (const one of this.windows.filter(one => one.until_us > this.from && one.from_us < this.until)) {
            const left = Math.max(this.x(one.from_us), 0);
            const width = Math.max(Math.min(this.x(one.until_us), this.width) - left, 2);
            const rect = drawn('rect', {class: one.fault ? 'shade fault' : 'shade', x: left, y: axis_height, width,
                height: this.height - axis_height});
            rect.append(title_of(`${one.text}: ${seconds(one.from_us)} to ${seconds(one.until_us)}`));
            out.push(rect);
            const room = one.text.length * 6 + 8;
            if (width < room && this.width - left < room || left < right) continue;
            out.push(text_at(left + 4, axis_height + 12, 'shade_text', one.text));
            right = left + room;
        }
        return out;
    }

    ticks() {
        const wanted = (this.until - this.from) / Math.max(2, Math.floor(this.width / 95));
        const power = 10 ** Math.floor(Math.log10(wanted));
        const step = [1, 2, 5, 10].map(one => one * power).find(one => one >= wanted) || wanted;
        const out = [];
        for (let t = Math.ceil(this.from / step) * step; t <= this.until; t += step) {
            const x = this.x(t);
            out.push(drawn('line', {class: 'tick', x1: x, x2: x, y1: axis_height - 4, y2: this.height}));
            if (x > 24 && x < this.width - 24) out.push(text_at(x, 13, 'tick_text', seconds(t, step)));
        }
        const moment = this.x(this.scene.at_us);
        out.push(drawn('line', {class: 'moment', x1: moment, x2: moment, y1: axis_height - 6, y2: this.height}));
        return out;
    }

    lane(lane) {
        const group = drawn('g', {class: `lane ${lane.role}`});
        const title = text_at(4, lane.top + 13, 'lane_title', lane_name(lane));
        title.append(drawn('tspan', {class: 'quiet', dx: 8}, role_words[lane.role]));
        const clip = span => [Math.max(this.x(span[0]), 0), Math.min(this.x(span[1]), this.width)];
        group.append(title, drawn('line', {class: 'base', x1: 0, x2: this.width, y1: lane.track, y2: lane.track}));
        for (const span of link_spans(lane).map(clip))
            if (span[1] > span[0]) group.append(drawn('rect', {class: 'shade fault', x: span[0], y: lane.top + title_height, width: span[1] - span[0], height: lane.track + track_height / 2 - lane.top - title_height}));
        for (const span of open_spans(lane).map(clip))
            if (span[1] > span[0]) group.append(drawn('rect', {class: 'open', x: span[0], y: lane.track - 4, width: span[1] - span[0], height: 8, rx: 3}));
        for (const span of run_spans(lane).map(clip))
            if (span[1] > span[0]) group.append(drawn('rect', {class: 'run', x: span[0], y: lane.track + 11, width: span[1] - span[0], height: 2.5}));
        const marks = lane.events.filter(event => this.is_in_view(event));
        for (const event of marks) group.append(mark(event, this.x(event.t), lane.track));
        for (const [text, x, row, is_bad] of this.labels(lane, marks))
            group.append(text_at(x, lane.track - track_height / 2 - 2 - row * label_height, is_bad ? 'label bad' : 'label', text));
        return group;
    }

    // What matters most gets its words first; what has no room has none.
    labels(lane, marks) {
        const weight = event => (event.e ? 0 : 8) + (event.b ? 0 : 4) + (event.k === 'end' || event.n === 'request_sent' ? 0 : 2) +
            (event.n === 'upgrade_answered' ? 0 : 1);
        const taken = Array.from({length: lane.rows}, () => []);
        const out = [];
        for (const event of [...marks].sort((a, b) => weight(a) - weight(b) || a.t - b.t)) {
            const text = label_of(event);
            if (!text) continue;
            const half = text.length * 2.95 + 4;
            const x = Math.min(Math.max(this.x(event.t), half), this.width - half);
            const row = taken.findIndex(row => row.every(([from, until]) => x + half < from || x - half > until));
            if (row < 0) continue;
            taken[row].push([x - half, x + half]);
            out.push([text, x, row, event.b]);
        }
        return out;
    }

    arrows() {
        const out = [];
        for (const [from_lane, from_event, to_lane, to_event] of this.scene.arrows) {
            const from = this.lanes.find(lane => lane.number === from_lane);
            const to = this.lanes.find(lane => lane.number === to_lane);
            if (!from || !to || !this.visible().includes(from) || !this.visible().includes(to)) continue;
            const [x1, x2] = [this.x(from.events[from_event].t), this.x(to.events[to_event].t)];
            const down = from.track < to.track ? 1 : -1;
            const [y1, y2] = [from.track + 8 * down, to.track - 11 * down];
            const bend = Math.max(Math.abs(y2 - y1) * 0.45, 14) * down;
            out.push(drawn('path', {class: 'arrow', d: `M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}`,
                'marker-end': 'url(#arrow_head)'}));
        }
        return out;
    }

    ring() {
        if (!this.shown || !this.visible().includes(this.shown.lane)) return [];
        return [drawn('circle', {class: 'ring', cx: this.x(this.shown.event.t), cy: this.shown.lane.track, r: 12})];
    }

    show(one) {
        this.shown = one;
        for (const ring of this.svg.querySelectorAll('.ring')) ring.remove();
        this.svg.append(...this.ring());
        for (const row of this.list.children) row.classList.toggle('shown', Boolean(one) && row.event === one.event);
        if (!one) {
            this.detail.replaceChildren(element('span', {class: 'quiet'}, 'Point at a mark, or tap it, to see what it is.'));
            return;
        }
        const {lane, event} = one;
        const away = event.t - this.scene.at_us;
        const relation = away === 0 ? 'at the moment of the violation' :
            `${duration(Math.abs(away) * 1000)} ${away < 0 ? 'before' : 'after'} the violation`;
        this.detail.replaceChildren(
            element('strong', {}, lane_name(lane)), ` at ${seconds(event.t, 100)}, ${relation}`,
            element('div', {class: event.b ? 'bad' : ''}, said(event)),
            ...(event.notes || []).map(note => element('div', {class: 'bad'}, note)),
            event.p !== undefined ? element('pre', {class: 'payload'}, event.p) :
                event.k === 'frame' ? element('div', {class: 'quiet'}, event.q ? 'Its content is in the history (wsrace report --format jsonl); this page has no room for more.' :
                    'Its content was not kept: the harness saw nothing unusual in it when it came.') : '');
    }

    fill_list() {
        const rows = this.visible().flatMap(lane => lane.events.map((event, i) => ({lane, event, i})))
            .filter(one => !one.event.hidden).sort((a, b) => a.event.t - b.event.t);
        const origins = new Set(this.scene.arrows.map(([lane, event]) => this.scene.lanes[lane].events[event]));
        const is_proof = one => one.event.e && one.lane.role !== 'target';
        const moment = Math.max(rows.findLastIndex(is_proof), rows.findIndex(one => one.event.t >= this.scene.at_us));
        const first = Math.max(Math.min(moment, rows.findIndex(is_proof) >= 0 ? rows.findIndex(is_proof) : moment), moment - 10);
        const is_near = (one, i) => one.event.e || origins.has(one.event) || (i >= first - 6 && i <= moment + 1);
        const listed = this.all_listed ? rows : rows.filter(is_near);
        let before = null;
        this.list.replaceChildren(...listed.map(one => {
            const row = this.row(one, before);
            before = one.event;
            return row;
        }));
        const cut = this.visible().reduce((sum, lane) => sum + lane.before + lane.after, 0);
        const rest = cut > 0 ? `; ${count(cut)} more of these lanes are in the history only` : '';
        this.more.hidden = listed.length === rows.length && !this.all_listed;
        this.more.textContent = this.all_listed ? 'Show only what is near' : `Show all ${count(rows.length)} events${rest}`;
    }

    row({lane, event}, before) {
        const row = element('li', {class: `${event.e ? 'is_proof' : ''} ${event.b ? 'bad' : ''} ${lane.role}`, onclick: () => this.pin({lane, event})},
            element('span', {class: 'at'}, seconds(event.t), element('span', {class: 'quiet'}, before ? ` +${duration((event.t - before.t) * 1000)}` : '')),
            element('span', {class: 'who'}, lane_name(lane)),
            element('span', {class: 'what'}, said(event), (event.notes || []).map(note => element('span', {class: 'bad'}, `; ${note}`)),
                event.e ? element('span', {class: 'proves'}, ' ◂ proof') : null));
        row.event = event;
        return row;
    }

    pin(one) {
        this.pinned = one;
        if (one && (one.event.t < this.from || one.event.t > this.until)) this.move((one.event.t - (this.from + this.until) / 2) / (this.until - this.from));
        this.show(one);
    }

    listen() {
        const at = (event, reach) => this.nearest(event, reach);
        this.picture.addEventListener('pointermove', event => {
            const one = event.pointerType === 'mouse' ? at(event, 18) : null;
            if (one && one.event !== (this.shown || {}).event) this.show(one);
        });
        this.picture.addEventListener('pointerleave', () => this.show(this.pinned));
        this.picture.addEventListener('click', event => {
            const one = at(event, 30);
            if (one) this.pin(one);
        });
        this.picture.addEventListener('keydown', event => this.key(event));
        new ResizeObserver(() => {
            if (this.picture.clientWidth && this.picture.clientWidth !== this.width) this.draw();
        }).observe(this.picture);
    }

    nearest(pointer, reach) {
        const box = this.svg.getBoundingClientRect();
        const [x, y] = [pointer.clientX - box.left, pointer.clientY - box.top];
        const lane = this.visible().find(one => y >= one.top && y < one.track + track_height / 2 + 6);
        if (!lane) return null;
        const near = lane.events.filter(event => !event.hidden)
            .map(event => ({lane, event, away: Math.abs(this.x(event.t) - x)})).sort((a, b) => a.away - b.away)[0];
        return near && near.away <= reach ? near : null;
    }

    key(event) {
        const lanes = this.visible().filter(lane => lane.events.length > 0);
        const here = this.shown || {lane: lanes[0], event: null};
        const beside = by => {
            const events = here.lane.events.filter(one => !one.hidden);
            const to = events[Math.min(Math.max(events.indexOf(here.event) + by, 0), events.length - 1)];
            return to && {lane: here.lane, event: to};
        };
        const other = by => {
            const lane = lanes[Math.min(Math.max(lanes.indexOf(here.lane) + by, 0), lanes.length - 1)];
            const t = here.event ? here.event.t : this.scene.at_us;
            const to = lane && lane.events.filter(one => !one.hidden).sort((a, b) => Math.abs(a.t - t) - Math.abs(b.t - t))[0];
            return to && {lane, event: to};
        };
        const keys = {ArrowRight: () => this.pin(beside(1)), ArrowLeft: () => this.pin(beside(-1)), ArrowDown: () => this.pin(other(1)),
            ArrowUp: () => this.pin(other(-1)), '+': () => this.zoom(0.5), '-': () => this.zoom(2), 0: () => this.focus(),
            Home: () => this.pin(this.proof())};
        if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        keys[event.key]();
    }
}

function text_at(x, y, style, text) {
    return drawn('text', {class: style, x, y}, text);
}

function title_of(text) {
    return drawn('title', {}, text);
}
