// The page of one kernel, drawn from the JSON in it. Whatever is picked (a value of the kernel) is picked everywhere:
// on its line of the IR, on the instructions that compute it, on the bars of the registers that hold it.
'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const kernel = data.kernel, targets = kernel.targets, nodes = new Map(kernel.nodes.map(n => [n.id, n]));
const state = { stage: 'optimized', target: Math.max(0, targets.findIndex(t => t.parts)), loop: null, whole: false };
const speed_of = t => t.time && t.time.cycles_per_element || Infinity;
targets.forEach((t, i) => { if (t.parts && speed_of(t) < speed_of(targets[state.target])) state.target = i; });
const $ = id => document.getElementById(id);
const escape_text = s => String(s).replace(/[&<>"]/g, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }[c]));
const name_of = t => `${t.isa} · ${t.vector_bits} bit`, short_name = t => `${t.isa} ${t.vector_bits}`;
const figure = (x, digits = 3) => x === 0 ? '0' : Number(x.toPrecision(digits)).toString();
const lines_of = text => text.replace(/\n$/, '').split('\n');
const series = i => `var(--s${i % 7})`;
const current = () => targets[state.target];
const loops_of = t => (t.parts || []).filter(p => p.loop && p.elements > 0);
const cost_of = (t, part) => t.cost && t.cost.loops && t.cost.loops.find(l => l.part === part.name);
/// The loop that was chosen, or the one with most to do for an element.
const loop_of = t => loops_of(t).find(p => p.name === state.loop) ||
  loops_of(t).filter(p => p.purpose === 'main').sort((a, b) => b.instructions / b.elements - a.instructions / a.elements)[0];

// ---- costs: cycles of ports where llvm-mca was there, else instructions

const estimated = () => Boolean(current().cost && current().cost.loops);

/// What an instruction of a loop costs, by its index in the whole code; undefined outside of loops.
function instruction_costs(t) {
  const costs = new Map();
  for (const part of loops_of(t)) {
    const cost = cost_of(t, part);
    for (let i = 0; i < part.instructions; ++i) costs.set(part.first + i, cost ? cost.port_cycles[i] : 1);
  }
  return costs;
}

/// By line of the optimized kernel: what its instructions in the main loops cost per element.
function line_costs(t) {
  const costs = instruction_costs(t), lines = new Map();
  for (const part of loops_of(t).filter(p => p.purpose === 'main'))
    for (let i = part.first; i < part.first + part.instructions; ++i) {
      const node = nodes.get(t.asm[i].node);
      if (node) lines.set(node.line, (lines.get(node.line) || 0) + costs.get(i) / part.elements);
    }
  return lines;
}

// ---- parts of the page

function tabs(where, names, chosen, pick) {
  where.innerHTML = '';
  names.forEach((name, i) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = name;
    button.className = i === chosen ? 'on' : '';
    button.onclick = () => { pick(i); draw(); };
    where.append(button);
  });
}

function draw_tiles() {
  $('tiles').innerHTML = targets.map((t, i) => {
    const head = `<h3><i style="background:${series(i)}"></i>${name_of(t)}</h3>`;
    if (!t.parts) return `<div class="tile" data-i="${i}">${head}<b>declined</b><p>${escape_text(t.declined)}</p></div>`;
    const main = loops_of(t).filter(p => p.purpose === 'main');
    const stats = t.stats.loops.filter(l => main.some(p => p.name === l.part));
    const sum = f => stats.reduce((all, l) => all + f(l) / l.elements, 0);
    const estimate = main.map(p => cost_of(t, p)).filter(Boolean).reduce((all, c) => all + c.cycles_per_element, 0);
    const big = t.time && t.time.cycles_per_element ? `<b>${figure(t.time.cycles_per_element)}</b> cycles/element`
      : estimate ? `<b>≈ ${figure(estimate)}</b> cycles/element` : `<b>${figure(sum(l => l.instructions))}</b> instructions/element`;
    const words = [];
    if (t.time && t.time.cycles_per_element && estimate) words.push(`estimated ${figure(estimate)}`);
    words.push(`${figure(sum(l => l.instructions))} instructions`, `${figure(sum(l => l.loads))} loads`,
      `${figure(sum(l => l.stores))} stores per element`);
    const live = Math.max(0, ...stats.map(l => l.vector_registers_live));
    const total = t.alloc.length ? t.alloc[0].vector_registers : 0;
    const spills = stats.reduce((all, l) => all + l.spill_stores + l.spill_loads, 0);
    return `<div class="tile${i === state.target ? ' on' : ''}" data-i="${i}">${head}<div class="big">${big}</div>` +
      `<p>${words.join(' · ')}</p><p>${live} of ${total} registers · ${spills} spills · ${t.code_bytes} bytes</p></div>`;
  }).join('');
  for (const tile of $('tiles').children)
    tile.onclick = () => { if (targets[tile.dataset.i].parts) { state.target = Number(tile.dataset.i); draw(); } };
}

function draw_ir() {
  const stages = Object.keys(kernel.stages);
  tabs($('stages'), stages, stages.indexOf(state.stage), i => { state.stage = stages[i]; });
  const optimized = state.stage === 'optimized', costs = optimized && current().asm ? line_costs(current()) : new Map();
  const most = Math.max(...costs.values(), 1e-9), all = [...costs.values()].reduce((a, b) => a + b, 0);
  $('irnote').textContent = !costs.size ? '' : (estimated() ? 'port cycles' : 'instructions') + ' per element';
  $('irtext').innerHTML = lines_of(kernel.stages[state.stage]).map((line, i) => {
    const cost = costs.get(i + 1) || 0;
    return `<div class="row" ${optimized ? `data-line="${i + 1}"` : ''}>` +
      `<span class="fill" style="width:${100 * cost / most * .98}%"></span><span class="no">${i + 1}</span>` +
      `<span>${escape_text(line)}</span>` +
      (cost ? `<span class="cycles">${figure(cost)} <span style="color:var(--faint)">${Math.round(100 * cost / all)}%</span></span>` : '') + `</div>`;
  }).join('');
}

function code_row(t, i, costs, most) {
  const inst = t.asm[i], node = nodes.get(inst.node), cost = costs.get(i) || 0;
  const value = inst.value ? escape_text(inst.value.length > 30 ? inst.value.slice(0, 29) + '…' : inst.value) : '';
  const of = inst.constant && inst.memory !== 'array' ? inst.constant : inst.memory === 'array' ? `${inst.of}[]` : inst.of || '';
  const operands = [of, ...(inst.reads || [])].filter(Boolean).join(', ');
  return `<div class="row" data-i="${i}" ${node ? `data-node="${inst.node}" data-at="${node.line}"` : ''}>` +
    `<span class="fill" style="width:${100 * cost / most * .5}%"></span>` +
    `<span class="no">${inst.offset.toString(16)}</span><span class="inst">${escape_text(inst.text)}</span>` +
    `<span class="value">${value}</span><span class="of">${escape_text(operands.length > 44 ? operands.slice(0, 43) + '…' : operands)}</span></div>`;
}

function draw_code() {
  const t = current();
  tabs($('targets'), targets.map(short_name), state.target, i => { if (targets[i].parts) state.target = i; });
  if (!t.parts) { $('codetext').innerHTML = `<div class="part">${escape_text(t.declined)}</div>`; return; }
  const costs = instruction_costs(t), most = Math.max(...costs.values(), 1e-9), out = [];
  for (const part of t.parts) {
    const cost = cost_of(t, part);
    const about = part.elements ? `  ${part.elements} elements a turn` + (cost ? `, ≈ ${figure(cost.cycles)} cycles` +
      (cost.waits_for_results ? ', waits for results' : `, bound by ${cost.busiest_port}`) : '') : '';
    if (part.name) out.push(`<div class="part" id="part-${part.first}">${escape_text(part.name)}<span>${about}</span></div>`);
    let vector = 0;
    for (let i = part.first; i < part.first + part.instructions; ++i) {
      if (t.asm[i].vector !== undefined && t.asm[i].vector !== vector)
        out.push(`<div class="vector">vector ${vector = t.asm[i].vector} of the turn</div>`);
      out.push(code_row(t, i, costs, most));
    }
  }
  $('codetext').innerHTML = out.join('');
  $('codenote').textContent = estimated() ? `bars: port cycles, by ${t.cost.program} for ${t.cost.cpu}` : `bars: instructions; ${t.cost.missing || ''}`;
  $('parts').innerHTML = t.parts.filter(p => p.name).map(p => `<option value="${p.first}">${escape_text(p.name)}</option>`).join('');
  const loop = loop_of(t);
  if (loop) show_part(loop.first);
}

function show_part(first) {
  const heading = $(`part-${first}`);
  if (heading) $('codetext').scrollTop = heading.offsetTop - $('codetext').offsetTop - 4;
  $('parts').value = String(first);
}
$('parts').onchange = () => show_part(Number($('parts').value));

/// A register's bar from where it is filled to where it is needed last, with the name of what it holds.
function live_bar(r, { part, alloc, x, y, bar, shown, fill }) {
  const from = x(r.arrives ? 0 : r.from + .5) + .7, to = x(r.leaves ? shown : r.to + .5) - .7, node = nodes.get(r.node);
  const when = `instructions ${r.arrives ? 'before' : r.from} to ${r.leaves ? 'next turn' : r.to}`;
  const label = r.what.replace(/ \(0x[0-9a-f]+\)$/, ''), room = Math.floor((to - from - 8) / 6.1);
  const fits = label && room >= Math.min(3, label.length);
  return `<rect x="${from}" y="${y + .07 * bar}" width="${Math.max(1.2, to - from)}" height="${Math.max(2, bar * .86)}" rx="2" fill="${fill}" ` +
    `${node ? `data-node="${r.node}" data-at="${node.line}"` : ''} data-from="${part.first + r.from}" data-to="${part.first + r.to}" ` +
    `data-tip="${escape_text(`${r.register}: ${r.what || r.holds}\n${r.holds}, ${when}`)}"/>` + (!fits ? '' :
    `<text class="mono" x="${from + 4}" y="${y + bar / 2 + 3}" style="fill:${r.holds === 'pinned' ? 'var(--soft)' : '#fff'};pointer-events:none">` +
    `${escape_text(label.length > room ? label.slice(0, Math.max(1, room - 1)) + '…' : label)}</text>`);
}

function draw_live() {
  const t = current(), loops = loops_of(t), part = loop_of(t);
  tabs($('loops'), loops.map(p => p.name), loops.indexOf(part), i => { state.loop = loops[i].name; });
  const alloc = part && t.alloc.find(a => a.part === part.name);
  $('whole').hidden = true;
  if (!alloc) { $('livechart').innerHTML = ''; $('livenote').textContent = 'no loop over elements'; return; }
  const first = t.asm.slice(part.first, part.first + part.instructions).findIndex(i => i.vector > 0);
  $('whole').hidden = first < 0;
  $('whole').textContent = state.whole ? 'show one vector' : 'show the whole turn';
  const shown = state.whole || first < 0 ? alloc.vectors.length : first, vectors = alloc.vectors.slice(0, shown);
  $('livenote').textContent = `at most ${alloc.most_vectors} of ${alloc.vector_registers} vector registers`;
  const box = $('livechart').getBoundingClientRect(), width = box.width - 18;
  const left = 40, right = 10, top = 14, gap = 12, bottom = 18;
  const rows = [...new Set(alloc.ranges.map(r => r.register))];
  const curve = Math.max(46, Math.min(90, box.height * .22)), step = (width - left - right) / shown;
  const bar = Math.max(9.4, Math.min(30, (box.height - 10 - top - curve - gap - bottom) / rows.length));
  const height = top + curve + gap + rows.length * bar + bottom;
  const x = i => left + Math.min(i, shown) * step, level = v => top + curve - curve * v / (alloc.vector_registers * 1.08);
  let svg = `<svg style="height:${height}px" viewBox="0 0 ${width} ${height}">`;
  for (const v of [0, alloc.vector_registers / 2, alloc.vector_registers])
    svg += `<line class="grid" x1="${left}" x2="${width - right}" y1="${level(v)}" y2="${level(v)}"/>` +
      `<text x="${left - 6}" y="${level(v) + 4}" text-anchor="end">${v}</text>`;
  const steps = vectors.map((v, i) => `${x(i)},${level(v)} ${x(i + 1)},${level(v)}`).join(' ');
  svg += `<polygon points="${left},${level(0)} ${steps} ${x(shown)},${level(0)}" fill="var(--s0)" opacity=".16"/>` +
    `<polyline points="${steps}" fill="none" stroke="var(--s0)" stroke-width="2"/>` +
    `<line x1="${left}" x2="${width - right}" y1="${level(alloc.vector_registers)}" y2="${level(alloc.vector_registers)}" stroke="var(--s1)" stroke-dasharray="5 4"/>` +
    `<text x="${width - right}" y="${level(alloc.vector_registers) - 4}" text-anchor="end" class="dim">in use, of ${alloc.vector_registers} vector registers</text>`;
  const colour = { pinned: 'var(--pinned)', accumulator: 'var(--carried)', temporary: 'var(--made)' };
  rows.forEach((register, row) => {
    const y = top + curve + gap + row * bar;
    svg += `<text class="mono" x="${left - 6}" y="${y + bar / 2 + 3.5}" text-anchor="end">${register}</text>`;
    for (const r of alloc.ranges.filter(r => r.register === register && (r.arrives || r.from < shown)))
      svg += live_bar(r, { part, alloc, x, y, bar, shown, fill: colour[r.holds] });
  });
  let key = left;
  for (const [holds, words] of [['pinned', 'pinned constant or uniform'], ['accumulator', 'accumulator'], ['temporary', 'temporary']]) {
    svg += `<rect x="${key}" y="${height - 11}" width="10" height="10" rx="2" fill="${colour[holds]}"/><text x="${key + 15}" y="${height - 2}">${words}</text>`;
    key += 32 + 6.2 * words.length;
  }
  svg += `<text x="${width - right}" y="${height - 2}" text-anchor="end" class="dim">${shown} ${shown < alloc.vectors.length ? `of ${alloc.vectors.length} ` : ''}instructions a turn →</text>`;
  $('livechart').innerHTML = svg + '</svg>';
}

function draw_speed() {
  const speed = data.speed;
  if (!speed || speed.missing) { $('speednote').textContent = speed ? speed.missing : ''; return; }
  $('speednote').textContent = `the limit: ${speed.limit.kernel} ${speed.limit.bytes_per_element} bytes per element`;
  const box = $('speedchart').getBoundingClientRect(), width = box.width - 16, height = box.height - 10;
  const left = 44, right = 92, top = 20, bottom = 32;
  const lines = speed.targets.map(t => ({ name: short_name(t), colour: series(targets.findIndex(k => k.isa === t.isa && k.vector_bits === t.vector_bits)), times: t.times }));
  lines.push({ name: 'limit', colour: 'var(--limit)', times: speed.limit.times, dash: '6 4' });
  const rate = p => p.n / p.ns, kernels = Math.max(...lines.slice(0, -1).flatMap(l => l.times.map(rate)));
  // The limit within the first cache may be far away; what the kernels do is what is to be seen.
  const most = Math.min(Math.max(...lines.flatMap(l => l.times.map(rate))), 2.6 * kernels) * 1.05;
  const ns = lines[0].times.map(p => p.n), low = Math.log2(ns[0]), high = Math.log2(ns[ns.length - 1]);
  const x = n => left + (width - left - right) * (Math.log2(n) - low) / (high - low);
  const y = v => height - bottom - (height - top - bottom) * v / most;
  const unit = 10 ** Math.floor(Math.log10(most / 3)), tick = [1, 2, 5, 10].map(f => f * unit).find(f => most / f <= 5);
  let svg = `<svg viewBox="0 0 ${width} ${height}"><clipPath id="inside"><rect x="${left - 5}" y="${top - 5}" width="${width - left - right + 10}" height="${height - top - bottom + 10}"/></clipPath>`;
  for (let v = 0; v <= most; v += tick)
    svg += `<line class="grid" x1="${left}" x2="${width - right}" y1="${y(v)}" y2="${y(v)}"/><text x="${left - 7}" y="${y(v) + 4}" text-anchor="end">${figure(v)}</text>`;
  for (const n of [64, 1024, 16384, 262144, 1048576].filter(n => n >= ns[0] && n <= ns[ns.length - 1]))
    svg += `<text x="${x(n)}" y="${height - bottom + 16}" text-anchor="middle">${n >= 1048576 ? n / 1048576 + 'M' : n >= 1024 ? n / 1024 + 'K' : n}</text>`;
  for (const cache of speed.caches || []) {
    const n = cache.bytes / speed.limit.bytes_per_element;
    if (n > ns[0] && n < ns[ns.length - 1])
      svg += `<line x1="${x(n)}" x2="${x(n)}" y1="${top}" y2="${height - bottom}" stroke="var(--line)" stroke-dasharray="2 3"/><text class="dim" x="${x(n) + 3}" y="${top + 9}">L${cache.level}</text>`;
  }
  svg += `<text x="${left - 34}" y="11">elements per ns</text><text x="${(left + width - right) / 2}" y="${height - 3}" text-anchor="middle">n, elements per call</text>`;
  const labels = lines.map(l => ({ ...l, at: y(rate(l.times[l.times.length - 1])) })).sort((a, b) => a.at - b.at);
  labels.forEach((l, i) => { if (i) l.at = Math.max(l.at, labels[i - 1].at + 14); });
  labels.forEach(l => { l.at = Math.max(l.at, top); });
  for (let i = labels.length - 1, floor = height - bottom; i >= 0; --i) { labels[i].at = Math.min(labels[i].at, floor); floor = labels[i].at - 14; }
  for (const l of labels) {
    svg += `<g clip-path="url(#inside)"><polyline points="${l.times.map(p => `${x(p.n)},${y(rate(p))}`).join(' ')}" fill="none" stroke="${l.colour}" stroke-width="2" stroke-linejoin="round" ${l.dash ? `stroke-dasharray="${l.dash}"` : ''}/>`;
    for (const p of l.times)
      svg += `<circle cx="${x(p.n)}" cy="${y(rate(p))}" r="${l.dash ? 1.5 : 3}" fill="${l.colour}"/><circle cx="${x(p.n)}" cy="${y(rate(p))}" r="10" fill="transparent" data-tip="${l.name}, n = ${p.n}\n${figure(rate(p))} elements per ns\n${figure(p.ns)} ns per call, ${figure(p.cycles_per_element)} cycles per element"/>`;
    svg += `</g><text x="${width - right + 8}" y="${l.at + 4}" style="fill:${l.colour};font-weight:600">${l.name}</text>`;
  }
  $('speedchart').innerHTML = svg + '</svg>';
}

$('whole').onclick = () => { state.whole = !state.whole; draw(); };

// ---- picking

function pick(test) {
  for (const e of document.querySelectorAll('.row, #livechart rect')) e.classList.toggle('pick', test(e));
}

document.addEventListener('mouseover', event => {
  const e = event.target.closest ? event.target.closest('.row, [data-tip]') : null;
  const tip = e && e.dataset.tip;
  $('tip').hidden = !tip;
  if (tip) $('tip').textContent = tip;
  if (!e) return pick(() => false);
  if (e.dataset.line) return pick(o => o.dataset.line === e.dataset.line || o.dataset.at === e.dataset.line);
  if (e.dataset.node)
    return pick(o => o === e || o.dataset.node === e.dataset.node || o.dataset.line === e.dataset.at);
  if (e.dataset.from !== undefined)
    return pick(o => o === e || (o.dataset.i !== undefined && (Number(o.dataset.i) === Number(e.dataset.from) || Number(o.dataset.i) === Number(e.dataset.to))));
  pick(() => false);
});
document.addEventListener('mousemove', event => {
  $('tip').style.left = `${Math.min(event.clientX + 14, innerWidth - 470)}px`;
  $('tip').style.top = `${Math.min(event.clientY + 14, innerHeight - 80)}px`;
});

// ---- all of it

function draw() { draw_tiles(); draw_ir(); draw_code(); draw_live(); draw_speed(); }
const wish = new URLSearchParams(location.search).get('theme');
const set_theme = dark => { document.documentElement.dataset.theme = dark ? 'dark' : 'light'; };
set_theme(wish ? wish === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches);
$('theme').onclick = () => set_theme(document.documentElement.dataset.theme !== 'dark');
$('kernel').textContent = kernel.name;
$('source').textContent = data.source === kernel.name ? '' : data.source;
$('about').textContent = data.host;
addEventListener('resize', draw);
draw();
