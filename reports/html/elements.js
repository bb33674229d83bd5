// Elements, numbers and small controls that all parts of the page use. Whatever comes from the data goes in as
// text: nothing here reads it as markup.

function element(tag, properties, ...children) {
    const made = document.createElement(tag);
    for (const [key, value] of Object.entries(properties || {})) {
        if (value === undefined || value === null || value === false) continue;
        if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
        else if (key === 'class') made.className = value;
        else made.setAttribute(key, value === true ? '' : value);
    }
    made.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== false));
    return made;
}

function drawn(tag, properties, ...children) {
    const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const [key, value] of Object.entries(properties || {})) made.setAttribute(key, value);
    made.append(...children);
    return made;
}

// 12345 as "12 345", as all other reports print it.
function count(number) {
    return String(number).replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

function counted(number, one, many) {
    return `${count(number)} ${number === 1 ? one : many || one + 's'}`;
}

// Seconds since the run started, with as many decimals as a step of `step_us` needs.
function seconds(us, step_us = 1000) {
    const decimals = step_us >= 1e6 ? 0 : step_us >= 1e5 ? 1 : step_us >= 1e4 ? 2 : step_us >= 1e3 ? 3 :
        step_us >= 100 ? 4 : step_us >= 10 ? 5 : 6;
    return `${(us / 1e6).toFixed(decimals)} s`;
}

// Three digits and the unit a person would choose.
function duration(ns) {
    for (const [unit, size] of [['s', 1e9], ['ms', 1e6], ['µs', 1e3]])
        if (Math.abs(ns) >= size) return `${Number((ns / size).toPrecision(3))} ${unit}`;
    return `${ns} ns`;
}

function words(name) {
    return name.replaceAll('_', ' ');
}

// A word that says how it went, with a sign beside its colour: not everybody sees the colour.
function badge(level) {
    const sign = {pass: '✓', fail: '✗', critical: '✗', warning: '!', inconclusive: '?', skipped: '–',
        not_judged: '–', kept: '✓', missed: '✗', unmet: '?'}[level] || '';
    return element('span', {class: `badge ${level}`}, element('span', {'aria-hidden': 'true'}, sign),
        ` ${words(level)}`);
}

function section(id, title, ...content) {
    return element('section', {id, 'aria-labelledby': `${id}-title`},
        element('h2', {id: `${id}-title`}, title), ...content);
}

function fold(summary, open, ...content) {
    return element('details', {open}, element('summary', {}, summary), ...content);
}

// `columns`: [title, is it a number]; rows: arrays of text or elements.
function table(columns, rows, caption) {
    const cells = row => row.map((cell, i) =>
        element('td', {class: columns[i][1] && 'number', 'data-title': columns[i][0]}, cell));
    return element('div', {class: 'scrolling', tabindex: '0', role: 'group', 'aria-label': caption},
        element('table', {},
            element('thead', {}, element('tr', {}, columns.map(([title, is_number]) =>
                element('th', {scope: 'col', class: is_number && 'number'}, title)))),
            element('tbody', {}, rows.map(row => element('tr', {}, cells(row))))));
}

async function copy(text) {
    try {
        await navigator.clipboard.writeText(text);
        return true;
    } catch {
        const area = element('textarea', {'aria-hidden': 'true', class: 'off_screen'}, text);
        document.body.append(area);
        area.select();
        const done = document.execCommand('copy');
        area.remove();
        return done;
    }
}

function command(text) {
    const code = element('code', {}, text);
    const say = element('span', {role: 'status', class: 'off_screen'});
    const button = element('button', {type: 'button', class: 'copy', onclick: async () => {
        const done = await copy(text);
        button.textContent = done ? 'Copied' : 'Select it by hand';
        say.textContent = button.textContent;
        if (!done) getSelection().selectAllChildren(code);
        setTimeout(() => { button.textContent = 'Copy'; say.textContent = ''; }, 2500);
    }}, 'Copy');
    button.setAttribute('aria-label', `Copy: ${text.slice(0, 80)}`);
    return element('div', {class: 'command'}, element('pre', {}, code), button, say);
}

// Light, dark, or as the system has it; kept where the browser allows that.
const themes = ['system', 'light', 'dark'];
const system_dark = matchMedia('(prefers-color-scheme: dark)');
let theme = stored_theme();

function stored_theme() {
    try {
        const stored = localStorage.getItem('wsrace-theme');
        return themes.includes(stored) ? stored : 'system';
    } catch {
        return 'system';
    }
}

function apply_theme() {
    document.documentElement.dataset.theme = theme === 'system' ? system_dark.matches ? 'dark' : 'light' : theme;
    document.dispatchEvent(new Event('theme'));
}

function theme_button() {
    const button = element('button', {type: 'button', id: 'theme', onclick: () => {
        theme = themes[(themes.indexOf(theme) + 1) % themes.length];
        try {
            localStorage.setItem('wsrace-theme', theme);
        } catch { /* a page without a place to store: until it is closed, then */ }
        button.textContent = `Theme: ${theme}`;
        apply_theme();
    }}, `Theme: ${theme}`);
    return button;
}

apply_theme();
system_dark.addEventListener('change', apply_theme);

function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
