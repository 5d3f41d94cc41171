/*
 * Charts from the table behind them: the figures live once, in the page.
 *
 *   <div class="chart" data-table="table-days" data-lines="times"></div>
 *   <table id="table-days" data-targets="900 Care: 15 min">
 *     rows with data-at (epoch seconds); cells with data-value (seconds, counts, shares)
 *
 * A line takes the cells of one column. Lines differ in dash and weight besides colour. What is
 * promised is drawn in across the chart.
 */
const SETS = {
  times: {
    height: 220,
    lines: [
      { column: 4, label: "Median", stroke: "--accent", fill: true },
      { column: 6, label: "p90", stroke: "--accent", alpha: 0.55 },
      { column: 7, label: "p99", stroke: "--ink-3", dash: [2, 4] },
      { column: 5, label: "Median before", stroke: "--calm", dash: [8, 4], alpha: 0.8 },
    ],
  },
  counts: {
    height: 130,
    lines: [
      { column: 0, label: "Customers wrote", stroke: "--soon", dash: [6, 3] },
      { column: 1, label: "We answered", stroke: "--accent", fill: true },
    ],
  },
  shares: {
    height: 130,
    lines: [
      { column: 1, label: "Nearly alike", stroke: "--accent", fill: true },
      { column: 3, label: "Asked twice", stroke: "--soon", dash: [6, 3] },
    ],
  },
};

function colour(name, alpha = 1) {
  const probe = document.createElement("i");
  probe.style.color = `color-mix(in srgb, var(${name}) ${alpha * 100}%, transparent)`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

function spoken(seconds) {
  if (seconds == null) return "–";
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} m`;
  if (seconds < 172800) return `${Math.round(seconds / 360) / 10} h`;
  return `${Math.round(seconds / 8640) / 10} d`;
}

const DAY = 86400;
const COUNTS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 50000, 100000];
const MINUTES = [10, 30, 60, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, DAY, 2 * DAY, 7 * DAY];
const day = (at) =>
  new Date(at * 1000).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

function figures(table, lines) {
  const rows = [...table.tBodies[0].rows];
  const value = (cell) => (cell.dataset.value ? Number(cell.dataset.value) : null);
  const columns = lines.map(({ column }) =>
    rows.map((row) => value(row.querySelectorAll("[data-value]")[column])),
  );
  return [rows.map((row) => Number(row.dataset.at)), ...columns];
}

function targets(table) {
  const told = table.dataset.targets?.split("|") ?? [];
  return told.filter(Boolean).map((one) => {
    const space = one.indexOf(" ");
    return { seconds: Number(one.slice(0, space)), label: one.slice(space + 1) };
  });
}

/* A promise far above all that was measured would press the lines flat: it is left out. */
function drawTargets(plot, promised) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = colour("--soon");
  ctx.font = `${11 * devicePixelRatio}px Inter, system-ui, sans-serif`;
  ctx.textAlign = "right";
  let right = bbox.left + bbox.width - 4;
  ctx.setLineDash([5 * devicePixelRatio, 4 * devicePixelRatio]);
  for (const { seconds, label } of promised) {
    const y = plot.valToPos(seconds, "y", true);
    if (y < bbox.top || seconds > plot.scales.y.max) continue;
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    // Side by side, so that promises near each other can still be read.
    const width = ctx.measureText(label).width;
    if (right - width < bbox.left) continue;
    ctx.fillText(label, right, y - 4 * devicePixelRatio);
    right -= width + 16 * devicePixelRatio;
  }
  ctx.restore();
}

const AXES = {
  times: { spell: spoken, least: 60, incrs: MINUTES, far: 3 },
  counts: { spell: (number) => (number == null ? "–" : String(number)), least: 4, incrs: COUNTS },
  shares: {
    spell: (part) => (part == null ? "–" : `${Math.round(1000 * part) / 10} %`),
    least: 0.1,
    incrs: [0.02, 0.05, 0.1, 0.25, 0.5],
  },
};

/* One awful day would press all others flat: waits `far` times above what is usual leave the chart
   at its top, where it is written how high they were. */
function ceiling(columns, least, far = Infinity) {
  const known = columns.map((column) =>
    column.filter((number) => number != null).sort((one, other) => one - other),
  );
  const usual = Math.max(...known.map((column) => column[Math.floor(0.75 * column.length)] ?? 0));
  return Math.max(least, Math.min(far * usual || Infinity, Math.max(0, ...known.flat())));
}

function drawBeyond(plot, spell) {
  const { ctx, bbox, scales } = plot;
  const [ink, panel] = [colour("--ink-2"), colour("--panel")];
  ctx.save();
  ctx.textAlign = "center";
  ctx.font = `${11 * devicePixelRatio}px Inter, system-ui, sans-serif`;
  plot.data[0].forEach((at, place) => {
    const highest = Math.max(...plot.data.slice(1).map((column) => column[place] ?? 0));
    if (highest <= scales.y.max) return;
    const said = `↑ ${spell(highest)}`;
    const half = ctx.measureText(said).width / 2 + 3 * devicePixelRatio;
    const rightmost = bbox.left + bbox.width - half;
    const x = Math.min(Math.max(plot.valToPos(at, "x", true), bbox.left + half), rightmost);
    ctx.fillStyle = panel;
    ctx.fillRect(x - half, bbox.top, 2 * half, 14 * devicePixelRatio);
    ctx.fillStyle = ink;
    ctx.fillText(said, x, bbox.top + 11 * devicePixelRatio);
  });
  ctx.restore();
}

function options(width, { height, lines }, { spell, least, incrs, far }, promised, columns) {
  const top = 1.05 * ceiling(columns, least, far);
  const axis = {
    stroke: colour("--ink-3"),
    font: "11px Inter, system-ui, sans-serif",
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height,
    cursor: { y: false, drag: { x: false, y: false } },
    legend: { live: true },
    hooks: { draw: [(plot) => drawTargets(plot, promised), (plot) => drawBeyond(plot, spell)] },
    scales: { y: { range: [0, top] } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 28,
        incrs: [1, 2, 7, 14, 28, 91, 182].map((days) => days * DAY),
        values: (_, ticks) => ticks.map(day),
      },
      {
        ...axis,
        size: 54,
        incrs,
        values: (_, ticks) => ticks.map(spell),
      },
    ],
    series: [
      { label: "Day", value: (_, at) => (at == null ? "" : day(at)) },
      ...lines.map(({ label, stroke, fill, alpha, dash }, place) => ({
        label,
        stroke: colour(stroke, alpha),
        fill: fill && colour(stroke, 0.1),
        width: 2,
        dash,
        spanGaps: true,
        // What was measured on one day alone makes no line.
        points: { show: columns[place].filter((number) => number != null).length === 1, size: 8 },
        value: (_, number) => (number == null ? "" : spell(number)),
      })),
    ],
  };
}

function draw(chart) {
  const table = document.getElementById(chart.dataset.table);
  chart.replaceChildren();
  if (!table) return;
  const rows = table.tBodies[0].rows.length;
  if (rows < 2) {
    table.closest("details").open = rows === 1;
    return;
  }
  const set = SETS[chart.dataset.lines];
  const axis = AXES[chart.dataset.lines];
  const told = figures(table, set.lines);
  const given = options(chart.clientWidth, set, axis, targets(table), told.slice(1));
  const plot = new uPlot(given, told, chart);
  new ResizeObserver(() => {
    if (plot.root.isConnected) plot.setSize({ width: chart.clientWidth, height: set.height });
  }).observe(chart);
}

function drawAll() {
  for (const chart of document.querySelectorAll(".chart[data-table]")) draw(chart);
}

drawAll();
document.addEventListener("desk:theme", drawAll);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
