// Charts, by Chart.js. Each says in words what it shows, and is drawn anew when the theme changes.

const charts = [];

// `configure` gives Chart.js' configuration; it is asked again whenever colours change.
function chart(label, height, configure) {
    const canvas = element('canvas', {role: 'img', 'aria-label': label});
    const box = element('div', {class: 'chart', style: `height: ${height}px`}, canvas);
    charts.push({canvas, configure, made: null});
    return box;
}

function draw_charts() {
    Chart.defaults.animation = false;
    Chart.defaults.maintainAspectRatio = false;
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    Chart.defaults.color = colour('quiet');
    Chart.defaults.borderColor = colour('line');
    for (const one of charts) draw(one);
}

function draw(one) {
    if (one.made) one.made.destroy();
    one.made = new Chart(one.canvas, one.configure());
}

// For a chart that comes when the others are drawn, or goes before the page does.
function draw_chart(box) {
    draw(charts.find(one => box.contains(one.canvas)));
}

function remove_chart(box) {
    const place = charts.findIndex(one => box.contains(one.canvas));
    if (charts[place].made) charts[place].made.destroy();
    charts.splice(place, 1);
}

document.addEventListener('theme', draw_charts);
matchMedia('print').addEventListener('change', draw_charts);
for (const event of ['beforeprint', 'afterprint'])
    addEventListener(event, () => charts.forEach(one => one.made && one.made.resize()));

function axis(title, more) {
    return {title: {display: Boolean(title), text: title}, grid: {color: colour('line')}, ...more};
}

// From one percentile to the next, so that a long tail is a long bar.
const stretches = [['p50', 'p90', 'q1'], ['p90', 'p95', 'q2'], ['p95', 'p99', 'q3'], ['p99', 'max', 'q4']];

function percentile_chart(latencies) {
    return chart('Latency percentiles of each operation, on a logarithmic axis; the table below has the numbers',
        80 + 30 * latencies.length, () => ({
            type: 'bar',
            data: {
                labels: latencies.map(one => words(one.id)),
                datasets: stretches.map(([from, until, its_colour]) => ({
                    label: `${from} to ${until}`, data: latencies.map(one => [Math.max(one[from], 1), Math.max(one[until], 1)]),
                    backgroundColor: colour(its_colour), grouped: false, maxBarThickness: 18}))},
            options: {
                indexAxis: 'y',
                interaction: {mode: 'index', axis: 'y', intersect: false},
                scales: {x: axis('', {type: 'logarithmic', ticks: {maxRotation: 0, callback: ticks_of_decades}}),
                    y: axis('', {grid: {display: false}})},
                plugins: {tooltip: {callbacks: {
                    label: item => `${item.dataset.label}: ${duration(item.raw[0])} to ${duration(item.raw[1])}`}}}}}));
}

function ticks_of_decades(value) {
    return Number.isInteger(Math.round(Math.log10(value) * 1e6) / 1e6) ? duration(value) : undefined;
}

function distribution_chart(latency, its_colour) {
    return chart(`How often ${words(latency.id)} took how long, of ${latency.count} samples`, 220, () => ({
        type: 'bar',
        data: {labels: latency.bins.map(([from]) => duration(from)),
            datasets: [{data: latency.bins.map(bin => bin[2]), backgroundColor: colour(its_colour || 'accent'),
                barPercentage: 1, categoryPercentage: 0.96, maxBarThickness: 60}]},
        options: {
            scales: {x: axis('from', {ticks: {maxRotation: 60, autoSkipPadding: 12}}),
                y: axis('samples', {beginAtZero: true, ticks: {precision: 0}})},
            plugins: {legend: {display: false}, tooltip: {callbacks: {
                title: items => range_of(latency.bins[items[0].dataIndex]),
                label: item => counted(item.raw, 'sample')}}}}}));
}

function range_of([from, until]) {
    return until > 1e18 ? `${duration(from)} and more` : `${duration(from)} to ${duration(until)}`;
}

// Paints the target's windows behind a chart over time.
function window_painter(windows, bucket_us) {
    return {id: 'windows', beforeDatasetsDraw: drawing => {
        const {ctx, chartArea: area, scales: {x}} = drawing;
        const place = us => Math.min(Math.max(x.getPixelForValue(us / bucket_us - 0.5), area.left), area.right);
        ctx.save();
        for (const one of windows) {
            ctx.fillStyle = colour(one.fault ? 'shade_fault' : 'shade_server');
            const left = place(one.from_us);
            ctx.fillRect(left, area.top, Math.max(place(one.until_us) - left, 1), area.bottom - area.top);
        }
        ctx.restore();
    }};
}

function time_chart(over_time, windows) {
    const {bucket_us} = over_time;
    const labels = over_time.open.map((_, i) => seconds(i * bucket_us, bucket_us));
    const bars = (label, key, its_colour) => ({label, data: over_time[key], backgroundColor: colour(its_colour),
        yAxisID: 'rate', barPercentage: 1, categoryPercentage: 1, order: 2});
    const line = {label: 'open connections', type: 'line', data: over_time.open, pointRadius: 0, borderWidth: 2,
        stepped: 'after', yAxisID: 'open', order: 1};
    const seen = key => over_time[key].some(value => value > 0);
    return chart(`Connections, frames and violations over time, one value for each ${duration(bucket_us * 1000)}`,
        300, () => ({
            type: 'bar',
            data: {labels, datasets: [{...line, borderColor: colour('accent'), backgroundColor: colour('accent')},
                bars('frames', 'frames', 'second'),
                seen('requests') && bars('requests', 'requests', 'third'),
                seen('ends') && bars('ends by the target', 'ends', 'warning'),
                seen('violations') && bars('violations', 'violations', 'fail')].filter(Boolean)},
            plugins: [window_painter(windows, bucket_us)],
            options: {
                interaction: {mode: 'index', intersect: false},
                scales: {x: axis('since the start of the run', {ticks: {maxRotation: 0, autoSkipPadding: 24}, grid: {display: false}}),
                    open: axis('open', {position: 'left', beginAtZero: true, ticks: {precision: 0}}),
                    rate: axis(`per ${duration(bucket_us * 1000)}`, {position: 'right', beginAtZero: true,
                        ticks: {precision: 0}, grid: {display: false}})}}}));
}

// Ways in which something ended; what the target did by itself is set off.
function endings_chart(label, endings) {
    return chart(label, 60 + 34 * endings.length, () => ({
        type: 'bar',
        data: {labels: endings.map(one => short(one.text, 46)),
            datasets: [{data: endings.map(one => one.count), maxBarThickness: 22,
                backgroundColor: endings.map(one => colour(one.by_target ? 'fail' : 'accent'))}]},
        options: {indexAxis: 'y',
            scales: {x: axis('', {beginAtZero: true, ticks: {precision: 0}}), y: axis('', {grid: {display: false}})},
            plugins: {legend: {display: false}}}}));
}

// A label for a narrow screen: in lines of a few words.
function short(text, most) {
    const width = document.documentElement.clientWidth < 600 ? 20 : most;
    const lines = [''];
    for (const word of text.split(' ')) {
        const last = lines[lines.length - 1];
        if (last && last.length + word.length >= width) lines.push(word);
        else lines[lines.length - 1] = last ? `${last} ${word}` : word;
    }
    return lines.length > 1 ? lines.slice(0, 3) : lines[0];
}
