// The page of a run, from its data, and the start of every page.

function header(data) {
    const {run} = data;
    const facts = [data.volume, `target ${run.target}`, `seed ${run.seed}`, run.started && `started ${run.started}`].filter(Boolean);
    const told = [run.interrupted && 'Interrupted: this is what was recorded until then.',
        run.truncated && 'The history is not complete: this is what could be read.',
        data.void && 'Void: the harness missed its own schedule, so nobody can say who is to blame.'].filter(Boolean);
    return element('header', {},
        element('div', {class: 'top'}, element('h1', {}, badge(data.verdict), ` ${run.scenario}`), theme_button()),
        element('p', {class: 'summary'}, data.summary),
        told.map(text => element('p', {class: 'notice'}, text)),
        element('p', {class: 'facts'}, facts.join(' · ')));
}

function contents(entries) {
    return element('nav', {'aria-label': 'Contents'}, element('ul', {}, entries.map(one =>
        element('li', {}, element('a', {href: `#${one.id}`}, one.querySelector('h2').textContent)))));
}

function levels(data) {
    if (data.levels.length === 0) return null;
    return section('levels', 'Service levels', element('div', {class: 'cards'}, data.levels.map(one =>
        element('div', {class: `card ${one.level}`},
            element('h3', {}, words(one.id)), badge(one.level), element('div', {class: 'value'}, one.value),
            element('p', {class: 'quiet'}, one.explanation)))));
}

function repeat(data) {
    return section('repeat', 'Repeat it', data.repeat.map(one =>
        element('div', {}, element('p', {}, `${one.what[0].toUpperCase()}${one.what.slice(1)}:`), command(one.command))));
}

// Who got whose event, and after what: what a reader wants to know before any picture.
function story(scene) {
    const lanes = scene.lanes;
    const sentences = [];
    for (const [from_lane, from_event, to_lane, to_event] of scene.arrows.slice(0, 2)) {
        const [owner, subject] = [lanes[from_lane], lanes[to_lane]];
        const [origin, frame] = [owner.events[from_event], subject.events[to_event]];
        const later = duration((frame.t - origin.t) * 1000);
        sentences.push(`${lane_name(owner)} ${deed_of(origin) || `had ${origin.w}`} at ${seconds(origin.t)}; ` +
            `${later} later ${frame.n} with its data arrived at ${lane_name(subject)}.`);
    }
    const proofs = lanes.flatMap(lane => lane.events.filter(event => event.e && lane.role === 'subject'));
    const moment = proofs.length ? Math.max(...proofs.map(event => event.t)) : scene.at_us;
    const latest = (list, most) => list.flatMap(lane => lane.events
        .filter(event => event.t <= moment && !(event.e && event.t === moment) && deed_of(event))
        .map(event => ({lane, event}))).sort((a, b) => b.event.t - a.event.t).slice(0, most);
    const deeds = [...latest(lanes.filter(lane => lane.role === 'nearby'), 2), ...latest(lanes.filter(lane => lane.role !== 'nearby'), 4)]
        .sort((a, b) => b.event.t - a.event.t);
    return element('div', {class: 'story'},
        sentences.map(text => element('p', {class: 'arrow_text'}, text)),
        element('p', {class: 'message'}, scene.message),
        element('p', {}, element('strong', {}, 'Expected: '), scene.expected),
        deeds.length > 0 && element('div', {class: 'after'}, element('strong', {}, 'After what: '),
            element('ul', {}, deeds.map(({lane, event}) => element('li', {},
                element('span', {class: 'ago'}, `${duration((moment - event.t) * 1000)} before`),
                ` ${lane.role === 'target' ? '' : lane_name(lane) + ' '}${deed_of(event)}`)))));
}

function examples(group, windows) {
    const place = element('div', {});
    const buttons = group.scenes.map((scene, i) => element('button', {type: 'button', 'aria-pressed': 'false', onclick: () => show(i)},
        `${i + 1}: ${scene.who.split(',')[0]}`));
    const figures = [];
    const show = i => {
        buttons.forEach((button, k) => button.setAttribute('aria-pressed', String(k === i)));
        place.replaceChildren(story(group.scenes[i]));
        figures[i] = figures[i] || new Lanes(group.scenes[i], windows);
        place.append(figures[i].element);
        figures[i].draw();
    };
    const several = buttons.length > 1 && element('div', {class: 'toolbar', role: 'group', 'aria-label': 'Which example is shown'},
        element('span', {class: 'quiet'}, 'Examples:'), buttons);
    return {element: element('div', {}, several, place), show};
}

function plain(group) {
    const first = group.rows[0];
    return element('div', {class: 'story'}, element('p', {class: 'message'}, first.message),
        element('p', {}, element('strong', {}, 'Expected: '), group.expected),
        group.evidence.length > 0 && element('ol', {class: 'events'}, group.evidence.map(one => element('li', {},
            element('span', {class: 'at'}, seconds(one.at_us)), element('span', {class: 'what'}, one.text)))));
}

function all_of(group) {
    if (group.count < 2) return null;
    const users = group.users.length > 0 && element('p', {class: 'quiet'},
        `Users: ${group.users.join(', ')}${group.users_left > 0 ? ` and ${count(group.users_left)} more` : ''}`);
    const left = group.rows_left > 0 && element('p', {class: 'quiet'},
        `And ${count(group.rows_left)} more; verdict.json has those that were kept.`);
    return fold(`All ${counted(group.count, 'time')}`, false, users,
        table([['at', true], ['who'], ['what']], group.rows.map(row => [seconds(row.at_us), row.who, row.message]), 'Violations of this signature'), left);
}

function group_of(group, data, open) {
    const body = element('div', {class: 'body'});
    let filled = false;
    const fill = () => {
        if (filled) return;
        filled = true;
        const figure = group.scenes.length > 0 && examples(group, data.windows);
        body.append(figure ? figure.element : plain(group), ...[all_of(group)].filter(Boolean),
            element('h4', {}, 'Repeat it'), command(data.repeat[0].command));
        if (figure) figure.show(0);
    };
    const signature = group.signature.startsWith(`${group.check}: `) ? group.signature.slice(group.check.length + 2) : group.signature;
    const details = fold(element('span', {class: 'signature'}, element('span', {class: 'check'}, group.check), ` ${signature} `,
        element('span', {class: 'often'}, group.how_often)), open, body);
    details.classList.add('group');
    details.addEventListener('toggle', () => details.open && fill());
    details.fill = fill;
    return details;
}

// What the violations come down to, as far as symptoms can tell.
function failures(data) {
    if (data.failures.length === 0) return null;
    return element('div', {class: 'failures'}, element('p', {}, `It comes down to ${counted(data.failures.length, 'failure')}, as far as symptoms can tell:`),
        element('ul', {}, data.failures.slice(0, 12).map(one => element('li', {}, element('strong', {}, one.key),
            one.also_seen.length > 0 && element('span', {class: 'quiet'}, `, which may explain: ${one.also_seen.join('; ')}`)))));
}

function violations(data) {
    if (data.groups.length === 0) {
        const text = data.verdict === 'pass' ? 'None: no check found anything.' : 'None.';
        return section('violations', 'Violations', element('p', {}, text));
    }
    const groups = data.groups.map((group, i) => group_of(group, data, i === 0));
    const follows = i => data.failures.length > 0 && data.groups[i].failure === data.failures.length;
    const founding = groups.filter((_, i) => !follows(i));
    const following = groups.filter((_, i) => follows(i));
    const left = data.groups_left > 0 && element('p', {class: 'quiet'}, `And ${counted(data.groups_left, 'more signature')} in verdict.json.`);
    const quiet = data.run.users - new Set(data.groups.flatMap(group => group.users)).size;
    const named = data.groups.every(group => group.users_left === 0) && quiet > 0 &&
        element('p', {class: 'quiet'}, `${counted(quiet, 'other user')}, whom no violation names, ${quiet === 1 ? 'is' : 'are'} not shown.`);
    const unkept = data.checks.filter(one => one.not_kept > 0).map(one => `${count(one.not_kept)} more of ${one.id}`);
    const made = section('violations', 'Violations', element('p', {class: 'quiet'},
        `${counted(data.groups.length + data.groups_left, 'signature')}: violations that are the same but for who and when.`,
        unkept.length > 0 && ` Counted, but not kept: ${unkept.join(', ')}.`),
        failures(data), legend(), founding,
        following.length > 0 && [element('h3', {}, 'What may follow from it'), following], left, named);
    made.fill = () => groups.filter(group => group.open).forEach(group => group.fill());
    return made;
}

function checks(data) {
    const rows = list => table([['verdict'], ['check'], ['judged'], ['violations', true], ['users', true], ['']], list.map(one =>
        [badge(one.verdict), one.id, one.judged, one.violations ? count(one.violations) : '', one.affected ? count(one.affected) : '',
            [one.reason, one.not_kept > 0 && `${count(one.not_kept)} not kept`].filter(Boolean).join('; ')]), 'Checks');
    const loud = data.checks.filter(one => one.verdict === 'fail' || (one.verdict === 'inconclusive' && one.required));
    const calm = data.checks.filter(one => !loud.includes(one));
    const passed = calm.filter(one => one.verdict === 'pass').length;
    return section('checks', 'Checks', loud.length > 0 && rows(loud), calm.length > 0 &&
        fold(`${passed} passed, ${calm.length - passed} skipped or not required`, loud.length === 0, rows(calm)));
}

function latencies(data) {
    const shown = data.latencies.filter(one => one.count > 0 && one.id !== 'schedule_lag');
    if (shown.length === 0) return null;
    const columns = ['p50', 'p90', 'p95', 'p99', 'p999', 'max'];
    const place = element('div', {});
    const buttons = shown.map(one => element('button', {type: 'button', 'aria-pressed': 'false', onclick: () => show(one)}, words(one.id)));
    let here = null;
    const show = one => {
        buttons.forEach((button, i) => button.setAttribute('aria-pressed', String(shown[i] === one)));
        if (here) remove_chart(here);
        here = distribution_chart(one);
        place.replaceChildren(here);
        draw_chart(here);
    };
    const made = section('latencies', 'Latencies',
        element('p', {class: 'quiet'}, 'From the intended time of each operation, so that a stalled server is not flattered.'),
        percentile_chart(shown),
        table([['']].concat([['n', true]], columns.map(key => [key === 'p999' ? 'p99.9' : key, true])),
            shown.map(one => [words(one.id), count(one.count), ...columns.map(key => duration(one[key]))]), 'Latency percentiles'),
        element('h3', {}, 'Distribution'), element('div', {class: 'toolbar', role: 'group', 'aria-label': 'Which distribution is shown'}, buttons), place);
    made.fill = () => show(shown.find(one => one.id === 'event' && one.bins.length) || shown[0]);
    return made;
}

function time(data) {
    if (data.over_time.open.length < 2) return null;
    return section('time', 'Connections and events over time', time_chart(data.over_time, data.windows),
        data.windows.length > 0 && fold(`Shaded: ${counted(data.windows.length, 'time')} in which the server was not just running, or a fault acted`, false,
            table([['from', true], ['until', true], ['what']], data.windows.map(one => [seconds(one.from_us), seconds(one.until_us), one.text]), 'Windows')));
}

function endings(data) {
    const part = (title, list, empty) => [element('h3', {}, title), list.length > 0 ? endings_chart(title, list) : element('p', {class: 'quiet'}, empty)];
    return section('endings', 'How connections ended',
        ...part('Close codes', data.endings, 'No connection that had been opened has ended.'),
        data.refusals.length > 0 && part('Attempts that failed', data.refusals, ''));
}

function harness(data) {
    const lag = data.latencies.find(one => one.id === 'schedule_lag' && one.count > 0);
    const parts = [];
    if (lag) parts.push(element('p', {}, `How late the harness itself was, of ${counted(lag.count, 'planned step')}: p50 ${duration(lag.p50)}, ` +
        `p99 ${duration(lag.p99)}, at most ${duration(lag.max)}.`), distribution_chart(lag, 'third'));
    if (data.schedule.length > 0) parts.push(element('h3', {}, 'Gates and constraints'),
        table([['result'], ['what'], ['p50', true], ['p99', true], ['max', true], ['tolerance', true], ['']], data.schedule.map(one =>
            [badge(one.result), one.text, duration(one.p50), duration(one.p99), duration(one.max), duration(one.tolerance), one.explanation]), 'Gates and constraints'));
    return parts.length > 0 ? section('harness', "The harness's own skew", parts) : null;
}

function facts(rows) {
    return element('dl', {class: 'facts_list'}, rows.filter(([, value]) => value !== '' && value !== undefined)
        .flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, String(value))]));
}

function environment(data) {
    const {run} = data;
    return section('plan', 'Plan and environment', facts([['run', run.id], ['scenario', `${run.scenario} (${run.scenario_digest.slice(0, 12)})`],
        ['plan', run.plan_digest.slice(0, 12)], ['seed', run.seed], ['target', run.target], ['instances', run.instances],
        ['users', `${count(run.users)} of ${count(run.users_planned)} planned, ${counted(run.connections_per_user, 'connection')} each`],
        ['connections', `${count(run.connected)} of ${count(run.connections_attempted)} opened`],
        ['runs', `${count(run.runs_completed)} of ${count(run.requests)} completed`], ['frames', count(run.frames)], ['events', count(run.events)],
        ['duration', duration(run.duration_us * 1000)], ['started', run.started], ['machine', run.machine], ['wsrace', run.version], ['folder', run.folder],
        ...data.usage.map(one => [data.usage.length > 1 ? `instance ${one.instance}` : 'target used', one.text])]),
        Object.entries(data.files).filter(([, text]) => text).map(([name, text]) => fold(name, false, element('pre', {class: 'file', tabindex: '0'}, text))));
}

function run_page(data) {
    return [header(data), [levels(data), violations(data), repeat(data), checks(data), latencies(data), time(data), endings(data), harness(data),
        environment(data)].filter(Boolean)];
}

function start() {
    const data = JSON.parse(document.getElementById('data').textContent);
    const [head, sections] = {run: run_page, hunt: hunt_page, coldstart: cold_start_page}[data.kind](data);
    document.getElementById('page').append(head, contents(sections), ...sections);
    for (const one of sections) if (one.fill) one.fill();
    draw_charts();
    addEventListener('beforeprint', () => {
        for (const group of document.querySelectorAll('details.group')) group.open = true;
    });
    document.documentElement.dataset.drawn = 'yes';
}

start();
