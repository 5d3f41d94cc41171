/*
 * Charts from the table behind them: the figures live once, in the page.
 *
 *   <div class="chart" data-table="days-first"></div>
 *   <table id="days-first"> rows with data-at (epoch seconds); cells with data-value (seconds)
 */
const LINES = [
  { label: "Median", stroke: "--accent", fill: true },
  { label: "p90", stroke: "--accent", alpha: 0.55 },
  { label: "p99", stroke: "--ink-3", dash: [2, 4] },
];

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
const MINUTES = [10, 30, 60, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, DAY, 2 * DAY, 7 * DAY];
const day = (at) =>
  new Date(at * 1000).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

function figures(table) {
  const rows = [...table.tBodies[0].rows];
  const value = (cell) => (cell.dataset.value ? Number(cell.dataset.value) : null);
  const columns = LINES.map((_, index) =>
    rows.map((row) => value(row.querySelectorAll("[data-value]")[index])),
  );
  return [rows.map((row) => Number(row.dataset.at)), ...columns];
}

function options(width) {
  const axis = {
    stroke: colour("--ink-3"),
    font: "11px Inter, system-ui, sans-serif",
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height: 220,
    cursor: { y: false, drag: { x: false, y: false } },
    legend: { live: true },
    scales: { y: { range: (_, low, high) => [0, Math.max(60, high ?? 60) * 1.05] } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        incrs: [1, 2, 7, 14, 28, 91, 182].map((days) => days * DAY),
        values: (_, ticks) => ticks.map(day),
      },
      { ...axis, size: 54, incrs: MINUTES, values: (_, ticks) => ticks.map(spoken) },
    ],
    series: [
      { label: "Day", value: (_, at) => (at == null ? "–" : day(at)) },
      ...LINES.map(({ label, stroke, fill, alpha, dash }) => ({
        label,
        stroke: colour(stroke, alpha),
        fill: fill && colour(stroke, 0.1),
        width: 2,
        dash,
        spanGaps: true,
        points: { show: false },
        value: (_, seconds) => spoken(seconds),
      })),
    ],
  };
}

function draw(chart) {
  const table = document.getElementById(chart.dataset.table);
  chart.replaceChildren();
  if (!table || table.tBodies[0].rows.length < 2) return;
  const plot = new uPlot(options(chart.clientWidth), figures(table), chart);
  new ResizeObserver(() => {
    if (plot.root.isConnected) plot.setSize({ width: chart.clientWidth, height: 220 });
  }).observe(chart);
}

function drawAll() {
  for (const chart of document.querySelectorAll(".chart[data-table]")) draw(chart);
}

drawAll();
document.addEventListener("desk:theme", drawAll);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
