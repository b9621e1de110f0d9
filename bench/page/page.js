// The report, drawn: everything on the page is made here from REPORT, in the order of the sections. To work on it, write a
// report once and edit: the page is put together from these files whenever a report is written.
"use strict";
const REPORT = /*REPORT*/ null;

// ---- small things -----------------------------------------------------------------------------------------------
const $ = id => document.getElementById(id);
const escape = s => String(s).replace(/[&<>"]/g, c => ({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}[c]));
const time = ns => ns < 1e3 ? ns.toPrecision(3) + " ns" : ns < 1e6 ? (ns / 1e3).toPrecision(3) + " µs" : (ns / 1e6).toPrecision(3) + " ms";
const power = n => n >= 1000 && Math.log10(n) % 1 === 0 ? "10" + "⁰¹²³⁴⁵⁶⁷⁸⁹"[Math.log10(n)] : String(n);
const ratio = r => r >= 100 ? r.toFixed(0) : r >= 10 ? r.toFixed(1) : r.toFixed(2);
const ulp = u => u == null ? "" : u >= 1000 ? u.toExponential(0).replace("e+", "e") : u >= 100 ? u.toFixed(0) : u.toFixed(2);
const unique = list => [...new Set(list)];
const types = unique(REPORT.rows.filter(r => r.bytes).map(r => r.type));
const ours = row => row.figures[0];
const best = row => row.figures.find(f => f.who === row.best);
const sized = REPORT.rows.filter(r => r.bytes && r.group !== "latency");

// Trueno's blue is taken; the peers share hues that stay apart for most eyes, light or dark.
const hues = {"trueno": "var(--ours)", "limit": "var(--limit)", "trueno::sum": "#7fb2e5"};
{
  const palette = ["#c2571a", "#d9962b", "#2a8c5a", "#8a5fc7", "#c94f8b", "#b04a4a", "#5f9ea0", "#8c7a3d", "#9a6b4f", "#7a9c2a", "#a8a032"];
  for (const r of REPORT.rows) for (const f of r.figures)
    if (!hues[f.who]) hues[f.who] = palette[(Object.keys(hues).length - 3) % palette.length];
}

// ---- tooltip: elements with data-tip, an index into the list -------------------------------------------------------
const tips = [];
const tip = html => `data-tip="${tips.push(html) - 1}"`;
document.addEventListener("mousemove", e => {
  const at = e.target.closest && e.target.closest("[data-tip]"), box = $("tip");
  if (!at) { box.style.display = "none"; return; }
  box.innerHTML = tips[at.dataset.tip];
  box.style.display = "block";
  const x = Math.min(e.clientX + 14, innerWidth - box.offsetWidth - 8);
  const y = e.clientY + 16 + box.offsetHeight > innerHeight ? e.clientY - box.offsetHeight - 10 : e.clientY + 16;
  box.style.left = Math.max(4, x) + "px"; box.style.top = Math.max(4, y) + "px";
});
const interval = i => `${ratio(i.median)} <span class="soft">(${ratio(i.low)} to ${ratio(i.high)})</span>`;
const rowTip = row => {
  const lines = row.figures.concat(row.limit ? [row.limit] : []).map(f =>
    `<tr><td><i style="color:${hues[f.who]}">●</i> ${escape(f.who)}</td><td class="n">${time(f.min_ns)}</td>` +
    `<td class="n">${f === ours(row) ? "" : f.other_process ? ratio(f.ratio.median) : interval(f.ratio)}</td>` +
    `<td class="n soft">${f.ulp == null ? "" : ulp(f.ulp) + " ulp"}${f.other_process ? " †" : ""}</td></tr>`);
  return `<b>${escape(row.task)}</b> ${row.type}${row.n > 1 ? ", n = " + power(row.n) : ""}<table>${lines.join("")}</table>` +
    `<span class="soft">${row.rounds} rounds; trueno by itself ${interval(row.to_itself)}` +
    `${row.figures.some(f => f.other_process) ? "<br>† another process: a ratio of minima" : ""}</span>`;
};

// ---- choices ------------------------------------------------------------------------------------------------------
function choice(id, options, draw) {
  if (!options.length) return;
  const place = $(id);
  const pick = value => {
    for (const b of place.children) b.setAttribute("aria-pressed", b.dataset.value === value);
    place.dataset.value = value;
    draw();
  };
  place.dataset.value = options[0][0];
  place.innerHTML = options.map(([v, t], i) => `<button data-value="${v}" aria-pressed="${i === 0}">${t}</button>`).join("");
  place.addEventListener("click", e => e.target.dataset.value && pick(e.target.dataset.value));
}
const chosen = id => $(id).dataset.value;
const typeOptions = types.map(t => [t, t]);

// ---- head ---------------------------------------------------------------------------------------------------------
const M = REPORT.machine;
$("where").innerHTML = `${escape(M.cpu)}, ${M.cores} cores, caches ${M.cache_bytes.map(b => b >= 1048576 ? b / 1048576 + " MB" : b / 1024 + " KB").join(", ")}<br>` +
  `trueno ${escape(M.trueno)}${M.isa_cap ? ", capped to " + escape(M.isa_cap) : ""}; commit ${escape(M.commit)}; peers for ${escape(M.peer_arch)}; ${escape(M.date)}, load ${escape(M.load)}`;
{
  const judged = sized.filter(r => r.best);
  const by = s => judged.filter(r => r.standing === s).length;
  const mean = rows => Math.exp(rows.reduce((s, r) => s + Math.log(best(r).ratio.median), 0) / rows.length);
  const tiles = [[by("ahead"), "ahead of the best"], [by("even"), "even, within noise"], [by("behind"), "behind it"]];
  for (const n of unique(judged.map(r => r.n))) tiles.push([ratio(mean(judged.filter(r => r.n === n))), `mean, n = ${power(n)}`]);
  $("tiles").innerHTML = tiles.map(([v, t]) => `<div class="tile"><b>${v}</b><span>${t}</span></div>`).join("");
}

// ---- heat tables --------------------------------------------------------------------------------------------------
/// A background that says how far a ratio is from 1, on a scale of factors of two.
function shade(r, strength) {
  const amount = Math.min(1, Math.abs(Math.log2(r)) / strength);
  return `background: rgba(${r < 1 ? "var(--ahead)" : "var(--behind)"}, ${(0.06 + 0.64 * amount).toFixed(2)})`;
}
function heat(place, title, value, strength) {
  const rows = sized.filter(r => r.type === chosen("heat-type")), sizes = unique(rows.map(r => r.n)).sort((a, b) => a - b);
  const head = `<tr><th>${title}</th>${sizes.map(n => `<th>${power(n)}</th>`).join("")}</tr>`;
  let group = "", body = "";
  for (const task of unique(rows.map(r => r.task))) {
    const mine = rows.filter(r => r.task === task);
    if (mine[0].group !== group) body += `<tr class="group"><th colspan="${sizes.length + 1}">${group = mine[0].group}</th></tr>`;
    body += `<tr><th>${escape(task)}</th>` + sizes.map(n => {
      const row = mine.find(r => r.n === n), v = row && value(row);
      if (!v) return `<td class="soft" ${row ? tip(rowTip(row)) : ""}>–</td>`;
      if (v.inexact) return `<td class="soft" ${tip(rowTip(row))}>(${ratio(v.median)})</td>`;
      return `<td style="${shade(v.median, strength)}${v.clear ? ";box-shadow: inset 0 0 0 1px var(--soft)" : ""}" ${tip(rowTip(row))}>${ratio(v.median)}</td>`;
    }).join("") + "</tr>";
  }
  $(place).innerHTML = `<table class="heat"><thead>${head}</thead>${body}</table>`;
}
function heats() {
  heat("heat-best", "by the best peer", r => {
    if (r.best) return {median: best(r).ratio.median, clear: r.standing !== "even"};
    const others = r.figures.filter(f => !f.ours && !f.other_process).sort((a, b) => a.median_ns - b.median_ns);
    return others.length ? {median: others[0].ratio.median, inexact: true} : null;
  }, 1.2);
  heat("heat-limit", "by the limit", r => r.limit && {median: r.limit.ratio.median}, 5);
}
choice("heat-type", typeOptions, heats);
heats();

// ---- plots --------------------------------------------------------------------------------------------------------
const log = Math.log10;
/// A scale: value to pixel, with ticks at powers of ten, or 1-2-5 where those are few.
function scale(low, high, from, to) {
  const a = log(low), b = log(high), at = v => from + (log(v) - a) / ((b - a) || 1) * (to - from);
  const ticks = [];
  for (let e = Math.floor(a); e <= Math.ceil(b); ++e)
    for (const m of b - a < 2.7 ? [1, 2, 5] : [1]) { const v = m * 10 ** e; if (v >= low * 0.999 && v <= high * 1.001) ticks.push(v); }
  const step = Math.ceil(ticks.length / 9);
  return {at, ticks: ticks.filter((_, i) => i % step === 0)};
}
const short = v => v >= 1e4 || v < 1e-3 ? v.toExponential(0).replace("e+", "e") : String(+v.toPrecision(3));

const metrics = {
  element: ["ns per element", (row, f) => f.min_ns / row.n],
  time: ["time", (row, f) => f.min_ns],
  ratio: ["trueno / peer", (row, f) => f.who === "limit" || f === ours(row) ? null : f.ratio.median],
  limit: ["time / limit", (row, f) => f.who === "limit" || !row.limit ? null : f.min_ns / row.limit.min_ns],
};
const hidden = new Set(["trueno::sum", "numexpr"]);
function panel(task, rows, metric) {
  const W = 300, H = 190, L = 40, R = 8, T = 10, B = 24, value = metrics[metric][1];
  const series = {};
  for (const row of rows)
    for (const f of row.figures.concat(row.limit ? [row.limit] : [])) {
      const v = value(row, f);
      if (v != null && v > 0 && !hidden.has(f.who)) (series[f.who] ||= []).push({row, f, v});
    }
  const all = Object.values(series).flat().map(p => p.v);
  if (!all.length) return "";
  let low = Math.min(...all), high = Math.max(...all);
  if (metric === "ratio" || metric === "limit") { low = Math.max(Math.min(low, 0.9), 0.1); high = Math.max(high, 1.1); }
  if (high / low < 1.5) { low /= 1.25; high *= 1.25; }
  const ns = rows.map(r => r.n), x = scale(Math.min(...ns), Math.max(...ns), L, W - R), y = scale(low / 1.08, high * 1.08, H - B, T);
  let out = "";
  for (const t of y.ticks) out += `<line class="grid" x1="${L}" x2="${W - R}" y1="${y.at(t)}" y2="${y.at(t)}"/><text x="${L - 5}" y="${y.at(t) + 3.5}" text-anchor="end">${short(t)}</text>`;
  for (const n of ns) out += `<line class="grid" x1="${x.at(n)}" x2="${x.at(n)}" y1="${T}" y2="${H - B}"/><text x="${x.at(n)}" y="${H - 8}" text-anchor="middle">${power(n)}</text>`;
  if (metric === "ratio" || metric === "limit") out += `<line x1="${L}" x2="${W - R}" y1="${y.at(1)}" y2="${y.at(1)}" stroke="var(--ink)" stroke-width="1"/>`;
  const clamp = v => Math.min(H - B, Math.max(T, y.at(Math.max(v, low / 1.08))));
  for (const [who, points] of Object.entries(series).sort(([a], [b]) => (a === "trueno") - (b === "trueno"))) {
    const mine = who === "trueno", fades = points.every(p => !p.f.counted && !p.f.ours && who !== "limit");
    out += `<g fill="none" stroke="${hues[who]}" stroke-width="${mine ? 2.6 : 1.4}" opacity="${fades ? 0.55 : 1}">` +
      `<polyline ${who === "limit" || fades ? 'stroke-dasharray="4 3"' : ""} points="${points.map(p => `${x.at(p.row.n)},${clamp(p.v)}`).join(" ")}"/></g>`;
    for (const p of points) {
      if (metric === "ratio" && p.f.counted)
        out += `<line x1="${x.at(p.row.n)}" x2="${x.at(p.row.n)}" y1="${clamp(p.f.ratio.low)}" y2="${clamp(p.f.ratio.high)}" stroke="${hues[who]}" stroke-width="1"/>`;
      out += `<circle cx="${x.at(p.row.n)}" cy="${clamp(p.v)}" r="${mine ? 3 : 2}" fill="${fades ? "var(--card)" : hues[who]}" stroke="${hues[who]}" opacity="${fades ? 0.7 : 1}"/>`;
    }
  }
  // One wide target per size, so that any height shows the whole row.
  const half = ns.length > 1 ? (x.at(ns[1]) - x.at(ns[0])) / 2 : 40;
  for (const row of rows) out += `<rect x="${x.at(row.n) - half}" y="${T}" width="${2 * half}" height="${H - B - T}" fill="transparent" ${tip(rowTip(row))}/>`;
  return `<div class="panel"><h3>${escape(task)}</h3><svg viewBox="0 0 ${W} ${H}" role="img" aria-label="${escape(task)}, ${metrics[metric][0]} against n">${out}</svg></div>`;
}
function panels() {
  const rows = sized.filter(r => r.type === chosen("panel-type"));
  const named = unique(rows.flatMap(r => r.figures.map(f => f.who))).concat("limit");
  $("keys").innerHTML = named.map(w => `<button data-who="${escape(w)}" aria-pressed="${!hidden.has(w)}"><i style="background:${hues[w]}"></i>${escape(w)}</button>`).join("") +
    `<span class="soft">dashed: not counted as best (error over 5 ULP, or another process), and the limit; names turn lines on and off</span>`;
  $("panels").innerHTML = unique(rows.map(r => r.task)).map(t => panel(t, rows.filter(r => r.task === t).sort((a, b) => a.n - b.n), chosen("panel-metric"))).join("");
}
choice("panel-metric", Object.entries(metrics).map(([k, [t]]) => [k, t]), panels);
choice("panel-type", typeOptions, panels);
$("keys").addEventListener("click", e => {
  const b = e.target.closest("button");
  if (b) { hidden.has(b.dataset.who) ? hidden.delete(b.dataset.who) : hidden.add(b.dataset.who); panels(); }
});
panels();

// ---- roofline -----------------------------------------------------------------------------------------------------
function levelOf(bytes) {
  const i = M.cache_bytes.findIndex(c => bytes <= c * 0.9);
  return i < 0 ? "memory" : "L" + (i + 1);
}
function roofline() {
  const W = 1160, H = 420, L = 54, R = 110, T = 14, B = 40, type = chosen("roof-type"), peak = M.peak_flops_per_ns[type];
  const rows = sized.filter(r => r.type === type && r.flops > 0);
  const roofs = {};
  for (const b of REPORT.bandwidths.filter(b => b.pattern === "read and write" || b.pattern === "read")) {
    const level = levelOf(b.bytes);
    roofs[level] = Math.max(roofs[level] || 0, b.bytes_per_ns);
  }
  const points = rows.map(r => ({r, x: r.flops / r.bytes, y: r.flops / ours(r).min_ns, level: levelOf(r.bytes)}));
  if (!points.length || !peak) { $("roof").innerHTML = `<p class="soft">Nothing counted for ${type}.</p>`; return; }
  const x = scale(Math.min(...points.map(p => p.x)) / 1.6, Math.max(8, ...points.map(p => p.x)) * 1.8, L, W - R);
  const y = scale(Math.min(...points.map(p => p.y)) / 1.6, peak * 1.5, H - B, T);
  const [x0, x1] = [Math.min(...points.map(p => p.x)) / 1.6, Math.max(8, ...points.map(p => p.x)) * 1.8];
  const tone = {L1: "#2a8c5a", L2: "#d9962b", L3: "#c2571a", memory: "#b04a4a"};
  let out = "";
  for (const t of x.ticks) out += `<line class="grid" x1="${x.at(t)}" x2="${x.at(t)}" y1="${T}" y2="${H - B}"/><text x="${x.at(t)}" y="${H - B + 16}" text-anchor="middle">${short(t)}</text>`;
  for (const t of y.ticks) out += `<line class="grid" x1="${L}" x2="${W - R}" y1="${y.at(t)}" y2="${y.at(t)}"/><text x="${L - 6}" y="${y.at(t) + 3.5}" text-anchor="end">${short(t)}</text>`;
  out += `<text x="${(L + W - R) / 2}" y="${H - 6}" text-anchor="middle">operations per byte</text><text x="14" y="${H / 2}" transform="rotate(-90 14 ${H / 2})" text-anchor="middle">operations per ns</text>`;
  out += `<line x1="${L}" x2="${W - R}" y1="${y.at(peak)}" y2="${y.at(peak)}" stroke="var(--ink)" stroke-width="1.4"/><text x="${W - R + 6}" y="${y.at(peak) + 4}">peak ${peak.toFixed(0)}</text>`;
  const bottom = H - B, slope = Math.atan2(y.at(10) - y.at(1), x.at(10) - x.at(1)) * 180 / Math.PI;
  for (const [level, bw] of Object.entries(roofs)) {
    const corner = Math.min(peak / bw, x1), from = Math.max(x0, 10 ** (log(y.ticks[0]) - 3));
    out += `<line x1="${x.at(from)}" y1="${Math.min(bottom, y.at(bw * from))}" x2="${x.at(corner)}" y2="${y.at(bw * corner)}" stroke="${tone[level] || "#888"}" stroke-width="1.6"/>` +
      `<text transform="translate(${x.at(from) + 6} ${y.at(bw * from) - 8}) rotate(${slope})" style="fill:${tone[level]}">${level}, ${bw.toFixed(0)} bytes/ns</text>`;
  }
  for (const p of points) {
    const roof = Math.min(peak, roofs[p.level] * p.x);
    out += `<circle cx="${x.at(p.x)}" cy="${y.at(p.y)}" r="4.5" fill="${tone[p.level]}" fill-opacity="0.75" stroke="var(--card)" ` +
      tip(`<b>${escape(p.r.task)}</b> ${type}, n = ${power(p.r.n)}, data in ${p.level}<br>${p.y.toFixed(1)} operations/ns, ${p.x.toFixed(2)} per byte<br>${(100 * p.y / roof).toFixed(0)} % of its roof`) + "/>";
  }
  const named = {};
  for (const p of points) if (!named[p.r.task] || p.y > named[p.r.task].y) named[p.r.task] = p;
  const lowest = [];  // labels that stand already, to keep off them
  for (const p of Object.values(named).sort((a, b) => b.y - a.y)) {
    const px = x.at(p.x) + 8, py = y.at(p.y) + 3.5;
    if (lowest.some(([a, b]) => Math.abs(a - px) < 78 && Math.abs(b - py) < 11)) continue;
    lowest.push([px, py]);
    out += `<text x="${px}" y="${py}" style="fill:var(--ink)">${escape(p.r.task)}</text>`;
  }
  $("roof").innerHTML = `<svg viewBox="0 0 ${W} ${H}" role="img" aria-label="roofline">${out}</svg>`;
}
const floats = types.filter(t => M.peak_flops_per_ns[t]);
if (floats.length) { choice("roof-type", floats.map(t => [t, t]), roofline); roofline(); }

// ---- latency ------------------------------------------------------------------------------------------------------
{
  const rows = REPORT.rows.filter(r => r.group === "latency"), bars = rows.flatMap(row => row.figures.map(f => ({row, f})));
  const W = 1160, L = 330, line = 19;
  if (bars.length) {
    const x = scale(Math.min(...bars.map(b => b.f.median_ns)) / 1.6, Math.max(...bars.map(b => b.f.median_ns)) * 3, L, W - 20);
    let out = "", y = 8;
    for (const row of rows) {
      out += `<text x="6" y="${y + 12}" style="fill:var(--ink);font-weight:600">${escape(row.task === "call" ? "call, n = 1 (sum)" : row.task)}</text>`;
      for (const f of row.figures) {
        out += `<text x="${L - 8}" y="${y + 12}" text-anchor="end">${escape(f.who)}</text>` +
          `<rect x="${L}" y="${y + 3}" height="12" rx="3" width="${Math.max(2, x.at(f.median_ns) - L)}" fill="${hues[f.who]}" opacity="${f.ours ? 1 : 0.75}" ${tip(rowTip(row))}/>` +
          `<text x="${x.at(f.median_ns) + 6}" y="${y + 12}">${time(f.median_ns)}</text>`;
        y += line;
      }
      y += 9;
    }
    $("latency").innerHTML = `<svg viewBox="0 0 ${W} ${y}" role="img" aria-label="latency">${out}</svg>`;
  }
}

// ---- table --------------------------------------------------------------------------------------------------------
{
  const columns = [
    ["task", r => r.task, 1], ["type", r => r.type, 1], ["n", r => r.n], ["trueno", r => ours(r).min_ns], ["spread", r => ours(r).spread],
    ["GB/s", r => r.bytes ? r.bytes / ours(r).min_ns : null], ["error", r => ours(r).ulp], ["/ limit", r => r.limit ? r.limit.ratio.median : null],
    ["best peer", r => r.best || "", 1], ["its time", r => r.best ? best(r).min_ns : null], ["its error", r => r.best ? best(r).ulp : null],
    ["/ best", r => r.best ? best(r).ratio.median : null], ["interval", r => r.best ? best(r).ratio.high - best(r).ratio.low : null], ["", r => r.standing || "", 1]];
  let sort = null, down = false;
  const cell = (row, i) => {
    const v = columns[i][1](row), name = columns[i][0];
    if (v == null || v === "") return "";
    if (name === "trueno" || name === "its time") return time(v);
    if (name === "spread") return (100 * v).toFixed(0) + " %";
    if (name === "interval") return `${ratio(best(row).ratio.low)} – ${ratio(best(row).ratio.high)}`;
    if (name === "error" || name === "its error") return ulp(v);
    if (name === "/ best") return `<span class="mark" style="${shade(v, 1.2)}">${ratio(v)}</span>`;
    if (name === "n") return power(v);
    return typeof v === "number" ? ratio(v) : escape(v);
  };
  const draw = () => {
    const words = $("find").value.toLowerCase().split(/\s+/).filter(Boolean);
    let rows = REPORT.rows.filter(r => {
      const text = [r.task, r.type, "n=" + r.n, r.best, r.standing, r.group].join(" ").toLowerCase();
      return words.every(w => text.includes(w));
    });
    if (sort != null) {
      const key = columns[sort][1];
      rows = [...rows].sort((a, b) => { const x = key(a), y = key(b); return (x == null) - (y == null) || (x > y ? 1 : x < y ? -1 : 0) * (down ? -1 : 1); });
    }
    $("count").textContent = `${rows.length} of ${REPORT.rows.length} rows`;
    $("table").innerHTML = `<thead><tr>${columns.map(([t, , text], i) => `<th class="${text ? "text" : ""}" data-i="${i}">${t}${sort === i ? (down ? " ↓" : " ↑") : ""}</th>`).join("")}</tr></thead>` +
      rows.map(r => `<tr ${tip(rowTip(r))}>${columns.map((c, i) => `<td class="${c[2] ? "text" : ""}">${cell(r, i)}</td>`).join("")}</tr>`).join("");
  };
  $("find").addEventListener("input", draw);
  $("table").addEventListener("click", e => {
    const i = e.target.dataset.i;
    if (i == null) return;
    down = sort === +i ? !down : false;
    sort = +i;
    draw();
  });
  draw();
}

function limits() {
  const patterns = unique(REPORT.bandwidths.map(b => b.pattern)), sizes = REPORT.bandwidths.filter(b => b.pattern === "read").map(b => b.bytes / 4);
  const cell = (p, i) => REPORT.bandwidths.filter(b => b.pattern === p)[i].bytes_per_ns.toFixed(0);
  return `<table class="heat"><tr><th>n</th>${sizes.map(n => `<th>${power(n)}</th>`).join("")}</tr>` +
    patterns.map(p => `<tr><th>${p}</th>${sizes.map((_, i) => `<td>${cell(p, i)}</td>`).join("")}</tr>`).join("") + "</table>";
}

// ---- how ----------------------------------------------------------------------------------------------------------
$("how").innerHTML = `<p>One thread. Contenders run in turn, in batches of about 20 µs, in a new random order each round; a ratio is that of two
  batches of one round, and what is shown is the median of all rounds with its interval of 95 %. Times are minima. Arrays are 64-byte aligned,
  on 2 MB pages where the system gives them, at distances that are no multiple of 4 KB. Every result was compared with a scalar reference in
  long double before it was timed: errors are the largest, in units in the last place (of sums: of the sum of the magnitudes; of softmax: divided
  by what the rounding of x − max(x) costs anybody). Who is off by more than 5 is shown, but is not the best peer.
  NumPy and numexpr ran in a process of their own, on the same data.</p>
  <p>The machine's limits, in bytes per ns, by arrays of 4-byte elements:</p>${limits()}
  <p>Compiler: ${escape(M.compiler)}; system: ${escape(M.system)}.</p><ul>` +
  REPORT.peers.map(p => `<li><i style="color:${hues[p.name] || "inherit"}">●</i> <b>${escape(p.name)}</b> ${escape(p.version)} <span class="soft">${escape(p.how)}</span></li>`).join("") + "</ul>" +
  (REPORT.missing.length ? `<p>Not here: ${REPORT.missing.map(escape).join("; ")}.</p>` : "") +
  (REPORT.refusals.length ? `<p>Refused, as plainly wrong:</p><ul>${REPORT.refusals.map(r => `<li>${escape(r.who)}, ${escape(r.task)} of ${escape(r.type)}: ${escape(r.what)}</li>`).join("")}</ul>` : "");
