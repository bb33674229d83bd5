// The pages of a hunt and of a search for the cold-start window, from hunt.json and coldstart.json as they are.

function search_header(title, level, sentence, facts_line, problem) {
    return element('header', {},
        element('div', {class: 'top'}, element('h1', {}, badge(level), ` ${title}`), theme_button()),
        element('p', {class: 'summary'}, sentence), problem && element('p', {class: 'notice'}, problem),
        element('p', {class: 'facts'}, facts_line.filter(Boolean).join(' · ')));
}

function per_cent(part) {
    return `${Number((100 * part).toPrecision(3))} %`;
}

function reproducer(found) {
    const {reproducer: one} = found;
    if (!one) return found.folder ? [element('p', {}, 'A run that showed it:'), command(`wsrace repro ${found.folder}`)] : [];
    return [
        element('p', {}, `${one.confirmed ? 'Confirmed: it' : 'It'} fails in ${per_cent(one.failed / Math.max(one.played, 1))} ` +
            `(${per_cent(one.rate_low)} to ${per_cent(one.rate_high)}, ${one.failed} of ${one.played}). ${one.summary}`),
        element('p', {}, element('strong', {}, `What is left of the plan, ${one.elements.length} of ${counted(one.elements_before, 'element')}:`)),
        element('ul', {}, one.elements.slice(0, 40).map(text => element('li', {}, text))),
        one.elements.length > 40 && element('p', {class: 'quiet'}, `And ${one.elements.length - 40} more in ${one.folder}.`),
        command(`wsrace repro ${one.folder}`),
        !one.finished && element('p', {class: 'notice'}, 'Shrinking did not come to its end, and goes on with:'),
        !one.finished && command(`wsrace shrink ${one.folder}`),
        element('p', {}, element('a', {href: `${encodeURIComponent(one.folder.split('/').pop())}/run/report.html`}, 'A run that failed'), ', if one was kept.'),
        one.steps.length > 0 && fold(`How it was made smaller, in ${counted(one.plays, 'play')}`, false,
            table([['stage'], ['what'], ['elements', true], ['plays', true]], one.steps.slice(0, 200).map(step =>
                [step.stage, step.text, count(step.elements), count(step.plays)]), 'Steps of shrinking'))];
}

function failure(found, open) {
    const often = found.executions === 0 ? 'in the serial baseline' : counted(found.executions, 'execution');
    const details = fold(element('span', {class: 'signature'}, element('span', {class: 'check'}, found.race ? 'race' : 'not a race'),
        ` ${found.signature} `, element('span', {class: 'often'}, often)), open, element('div', {class: 'body'},
        !found.race && element('p', {class: 'notice'}, 'One user at a time shows it, too: an error of the application, not of its timing.'),
        element('ul', {}, found.details.slice(0, 12).map(text => element('li', {class: 'message'}, text))),
        found.first_execution > 0 && element('p', {}, `First seen in execution ${count(found.first_execution)}.`),
        reproducer(found),
        found.also_seen.length > 0 && fold('Seen with it', false, table([['symptom'], ['executions', true]],
            found.also_seen.slice(0, 40).map(one => [one.symptom, count(one.executions)]), 'Seen with it'))));
    details.classList.add('group');
    return details;
}

const relation_words = {other_user: 'Of two users', same_user: 'Of two connections of one user', target: 'Of a connection and of the target'};

// Pairs of steps by gaps; the shade says how often, by powers of ten, and the number is in it.
function heat_map(coverage, relation) {
    const pairs = coverage.pairs.filter(pair => pair.relation === relation);
    if (pairs.length === 0) return null;
    const shade = hits => hits === 0 ? 0 : hits < 10 ? 1 : hits < 100 ? 2 : 3;
    const hit = pairs.reduce((sum, pair) => sum + pair.hits.filter(one => one > 0).length, 0);
    const rows = pairs.map(pair => element('tr', {}, element('th', {scope: 'row'}, `${words(pair.first)} › ${words(pair.second)}`),
        pair.hits.map((hits, i) => element('td', {class: `heat heat_${shade(hits)}`,
            title: `${pair.first}, then ${pair.second} after ${coverage.gaps_ms[i]} ms: ${counted(hits, 'execution')}`}, hits > 0 ? String(hits) : ''))));
    return fold(`${relation_words[relation]}: ${count(hit)} of ${count(pairs.length * coverage.gaps_ms.length)} cells`, relation === 'other_user',
        element('div', {class: 'scrolling tall', tabindex: '0', role: 'group', 'aria-label': relation_words[relation]},
            element('table', {class: 'heat_map'},
                element('thead', {}, element('tr', {}, element('th', {scope: 'col'}, 'first › second, gap in ms'),
                    coverage.gaps_ms.map(gap => element('th', {scope: 'col', class: 'number'}, gap)))), element('tbody', {}, rows))));
}

function coverage_of({coverage}) {
    if (coverage.feasible === 0) return null;
    return section('coverage', 'Interleavings', element('p', {}, `${count(coverage.hit)} of ${count(coverage.feasible)} cells ` +
        `(${per_cent(coverage.hit / coverage.feasible)}) in ${counted(coverage.executions, 'execution')}; ${count(coverage.since_new)} since the last new cell ` +
        `(${count(coverage.plateau_after)} are a plateau).`),
        element('p', {class: 'quiet'}, 'A cell: which of two steps came first, and by how much. Its number: in how many executions that happened.'),
        ['other_user', 'same_user', 'target'].map(relation => heat_map(coverage, relation)));
}

function strategies_of(hunt) {
    if (hunt.strategies.length === 0) return null;
    const used = hunt.strategies.filter(one => !one.why_not);
    const bar = (label, key, its_colour) => ({label, data: used.map(one => one[key]), backgroundColor: colour(its_colour)});
    return section('strategies', 'Strategies', used.length > 0 && chart('Executions of each strategy', 90 + 38 * used.length, () => ({
        type: 'bar',
        data: {labels: used.map(one => words(one.name)), datasets: [bar('executions', 'executions', 'accent'), bar('showed something new', 'discoveries', 'third'),
            bar('failed', 'failed', 'fail'), bar('void', 'voided', 'quiet')]},
        options: {indexAxis: 'y', scales: {x: axis('', {beginAtZero: true, ticks: {precision: 0}}), y: axis('', {grid: {display: false}})}}})),
        table([['strategy'], ['executions', true], ['failed', true], ['void', true], ['new', true], ['']], hunt.strategies.map(one =>
            [words(one.name), count(one.executions), count(one.failed), count(one.voided), count(one.discoveries), one.why_not || '']), 'Strategies'));
}

function hunt_page({hunt}) {
    const races = hunt.failures.filter(one => one.race).length;
    const level = {0: 'pass', 1: 'fail'}[hunt.exit_status] || 'inconclusive';
    const head = search_header(`Hunt of ${hunt.scenario}`, level, hunt.statement, [counted(hunt.executions, 'execution'), `${count(hunt.failed)} failed`,
        `${count(hunt.voided)} void`, `in ${duration(hunt.took_ms * 1e6)}`, `target ${hunt.target}`, `seed ${hunt.seed}`,
        hunt.interrupted && 'interrupted'], hunt.problem);
    const failures = section('violations', 'Failures', hunt.failures.length === 0 ? element('p', {}, 'None was seen.') :
        [element('p', {class: 'quiet'}, `${counted(hunt.failures.length, 'signature')}, ${races} of them a race: one for each bug, as far as symptoms can tell.`),
            hunt.failures.slice(0, 60).map((one, i) => failure(one, i === 0)),
            hunt.failures.length > 60 && element('p', {class: 'quiet'}, `And ${hunt.failures.length - 60} more in hunt.json.`)]);
    return [head, [failures, section('repeat', 'Repeat it', command(hunt.command)), coverage_of(hunt), strategies_of(hunt),
        section('plan', 'Environment', facts([['scenario', `${hunt.scenario} (${hunt.scenario_digest.slice(0, 12)})`], ['target', hunt.target],
            ['seed', hunt.seed], ['started', hunt.started], ['machine', hunt.machine], ['wsrace', hunt.version]]))].filter(Boolean)];
}

// Each column one stretch of offsets: how many users met which outcome.
function strip_chart(report) {
    const outcomes = [...new Set(report.strip.flatMap(cell => Object.keys(cell.users)))];
    const calm = {good: 'pass', refused: 'quiet', retry_later: 'second'};
    const alarming = ['fail', 'warning', 'third', 'accent'];
    const bad = outcomes.filter(one => !calm[one]);
    return chart('What happened to users, by when they arrived', 260, () => ({
        type: 'bar',
        data: {labels: report.strip.map(cell => `${Math.round(cell.from_ms)} ms`), datasets: outcomes.map(one => ({label: words(one), stack: 'users',
            data: report.strip.map(cell => cell.users[one] || 0), barPercentage: 1, categoryPercentage: 0.96,
            backgroundColor: colour(calm[one] || alarming[bad.indexOf(one) % alarming.length])}))},
        options: {interaction: {mode: 'index', intersect: false}, scales: {
            x: axis(`arrival after ${report.search.after === 'spawn' ? 'the spawn' : 'the port opens'}`, {stacked: true, grid: {display: false}, ticks: {maxRotation: 0, autoSkipPadding: 20}}),
            y: axis('users', {stacked: true, beginAtZero: true, ticks: {precision: 0}})}}}));
}

// One cell for each column, with what is shown for it: a window where one lies in it.
function strip_cells(report) {
    const shown = cell => cell.shown || 'nobody';
    const kind = one => one === 'good' ? 'pass' : ['refused', 'retry_later', 'nobody'].includes(one) ? 'calm' : 'fail';
    return element('div', {class: 'strip', role: 'img', 'aria-label': 'Strip chart: ' + stretches_text(report)}, report.strip.map(cell =>
        element('span', {class: `cell ${kind(shown(cell))}`, title: `${rounded(cell.from_ms)} to ${rounded(cell.until_ms)} ms: ${words(shown(cell))}`})));
}

function stretches_text(report) {
    return report.stretches.map(one => `${one.from.at_ms} to ${one.until.at_ms} ms ${words(one.outcome)}`).join(', ');
}

function rounded(ms) {
    return `${Number(ms.toFixed(1))}`;
}

function edge(one) {
    return one.measured ? `${rounded(one.at_ms)} ms (${rounded(one.low_ms)} to ${rounded(one.high_ms)})` :
        `${rounded(one.at_ms)} ms, the end of the search`;
}

function cold_start_page({coldstart: report}) {
    const {search, windows, readiness_lie: lie} = report;
    const level = windows.length > 0 || lie ? 'fail' : report.problem || search.interrupted ? 'inconclusive' : 'pass';
    const sentence = windows.length > 0 ? windows.map(one => one.sentence).join('; ') + '.' : level === 'pass' ? 'No cold-start window.' : 'Nothing is proven.';
    const head = search_header(`Cold start of ${search.scenario}`, level, sentence, [counted(search.boots, 'boot'), counted(search.users, 'user'),
        `in ${duration(search.took_ms * 1e6)}`, `target ${search.target}`, `seed ${search.seed}`, search.interrupted && 'interrupted',
        !search.converged && 'the budget ended before the search did'], report.problem);
    const strip = section('strip', 'By offset', report.strip.length > 0 && [strip_cells(report), strip_chart(report)],
        report.ready_ms !== null && element('p', {}, `It says ready at ${rounded(report.ready_ms)} ms.`),
        report.isolated_bad > 0 && element('p', {}, `${counted(report.isolated_bad, 'user')} failed outside of any window; tried again at the same offset, others did not.`),
        table([['from'], ['until'], ['outcome'], ['probes', true], ['boots', true]], report.stretches.map(one =>
            [edge(one.from), edge(one.until), words(one.outcome), `${one.alike} of ${one.users}`, count(one.boots)]), 'Stretches'));
    const found = section('violations', 'Windows', windows.length === 0 && !lie && element('p', {}, 'None.'),
        windows.map(one => element('div', {class: 'card fail'}, element('h3', {}, one.sentence),
            element('p', {}, `From ${edge(one.from)}, until ${edge(one.until)}. Hits ${one.users_hit} users at the scenario's rate; ${one.alike} of ${one.users} probes in ${counted(one.boots, 'boot')}.`))),
        lie && element('div', {class: 'card fail'}, element('h3', {}, 'Readiness lie'), element('p', {},
            `It says ready at ${rounded(lie.said_ready_ms)} ms, and users get ${words(lie.outcome)} until ${rounded(lie.failed_until_ms)} ms (${counted(lie.users, 'user')} in ${counted(lie.boots, 'boot')}).`)),
        report.kept.length > 0 && fold('Runs that were kept', false, report.kept.slice(0, 40).map(folder => command(`wsrace report ${folder}`))));
    return [head, [found, section('repeat', 'Repeat it', command(search.command)), strip, section('plan', 'Environment', facts([
        ['scenario', `${search.scenario} (${search.scenario_digest.slice(0, 12)})`], ['target', search.target], ['seed', search.seed],
        ['started', search.started], ['machine', search.machine], ['wsrace', search.version]]))]];
}
