'use strict';
// Asks the node once a second and shows what it says. Text goes in as text: no name of a room or an application is ever read as markup.
const kept = 60;
const lines = new Map();
let before = null;

const by = id => document.getElementById(id);
const make = (name, text, kind) => {
  const element = document.createElement(name);
  if (text !== undefined) element.textContent = text;
  if (kind) element.className = kind;
  return element;
};
const short = (number, digits = 1) => {
  const steps = [[1e9, 'G'], [1e6, 'M'], [1e3, 'k']];
  const step = steps.find(([size]) => number >= size);
  return step ? [(number / step[0]).toFixed(digits), step[1]] : [number >= 10 || Number.isInteger(number) ? Math.round(number).toString() : number.toFixed(digits), ''];
};
const milliseconds = value => value == null ? '–' : value < 10 ? value.toFixed(2) : value.toFixed(0);
const percent = value => value == null ? '–' : (value * 100).toFixed(value > 0 && value < 0.1 ? 2 : 0);
const bytes = value => { const [number, prefix] = short(value); return `${number} ${prefix}B`; };
const time = seconds => {
  const parts = [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']];
  const at = Math.max(0, parts.findIndex(([size]) => seconds >= size));
  return parts.slice(at, at + 2).map(([size, name], i) => `${Math.floor((i ? seconds % parts[at][0] : seconds) / size)} ${name}`).join(' ');
};

const tiles = [
  ['peers', 'Peers', now => [now.totals.connections.toString(), now.totals.away ? `${now.totals.away} away` : ''], now => now.totals.connections],
  ['rooms', 'Rooms', now => [rooms(now).toString(), ''], now => rooms(now)],
  ['trip', 'Round trip', now => [milliseconds(now.totals.round_trip_ms), `ms · max ${milliseconds(now.totals.longest_round_trip_ms)}`], now => now.totals.round_trip_ms],
  ['loss', 'Loss', now => [percent(now.totals.loss), '%'], now => now.totals.loss],
  ['in', 'In', (now, rate) => unit(rate('bytes_in'), 'B/s'), (now, rate) => rate('bytes_in')],
  ['out', 'Out', (now, rate) => unit(rate('bytes_out'), 'B/s'), (now, rate) => rate('bytes_out')],
  ['messages-in', 'Messages in', (now, rate) => unit(rate('messages_in'), '/s'), (now, rate) => rate('messages_in')],
  ['messages-out', 'Messages out', (now, rate) => unit(rate('messages_out'), '/s'), (now, rate) => rate('messages_out')],
  ['queue', 'Waiting', now => unit(now.totals.queued_bytes, 'B'), now => now.totals.queued_bytes],
  ['refused', 'Refused', now => [now.totals.refused.toString(), 'since start'], now => now.totals.refused],
];
// A node's servers are its rooms and its door.
const rooms = now => now.members.find(member => member.is_self)?.rooms ?? now.totals.servers;
const unit = (value, name) => { const [number, prefix] = short(value); return [number, prefix + name]; };

function showTiles(now) {
  const seconds = before ? now.uptime_seconds - before.uptime_seconds : 0;
  const rate = name => seconds > 0 ? Math.max(0, (now.totals[name] - before.totals[name]) / seconds) : 0;
  for (const [id, name, text, height] of tiles) {
    let tile = lines.get(id);
    if (!tile) {
      const box = make('div');
      const value = make('dd');
      value.id = `tile-${id}`;
      const picture = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
      picture.setAttribute('class', 'line');
      picture.setAttribute('viewBox', `0 0 ${kept - 1} 20`);
      picture.setAttribute('preserveAspectRatio', 'none');
      picture.setAttribute('aria-hidden', 'true');
      const curve = document.createElementNS('http://www.w3.org/2000/svg', 'polyline');
      picture.append(curve);
      box.append(make('dt', name), value, picture);
      by('tiles').append(box);
      lines.set(id, tile = { value, curve, past: [] });
    }
    const [number, rest] = text(now, rate);
    tile.value.replaceChildren(number, ' ', make('small', rest));
    tile.past.push(height(now, rate));
    if (tile.past.length > kept) tile.past.shift();
    const most = Math.max(...tile.past, 1e-9);
    tile.curve.setAttribute('points', tile.past.map((value, i) => `${kept - tile.past.length + i},${(19 - 18 * value / most).toFixed(1)}`).join(' '));
  }
}

// Columns: heading, cell, and classes: 'number' to the right, 'wide' not on a phone.
const tables = {
  members: { none: 'No nodes', columns: [
    ['Node', row => row.address + (row.is_self ? ' (this one)' : '')],
    ['State', row => row.state, '', row => row.state],
    ['Rooms', row => row.rooms ?? '–', 'number'],
    ['Peers', row => row.peers ?? '–', 'number']] },
  rooms: { none: 'No rooms yet', columns: [
    ['Room', row => row.name],
    ['Node', row => row.node, 'wide'],
    ['Endpoint', row => row.endpoint],
    ['Peers', row => row.peers, 'number'],
    ['RTT, ms', row => milliseconds(row.round_trip_ms), 'number wide'],
    ['Loss, %', row => percent(row.loss), 'number wide']] },
  peers: { none: 'Nobody is here', columns: [
    ['Peer', row => row.id, 'id'],
    ['Room', row => row.room, 'wide'],
    ['RTT, ms', row => milliseconds(row.round_trip_ms), 'number'],
    ['Jitter, ms', row => milliseconds(row.jitter_ms), 'number wide'],
    ['Loss, %', row => percent(row.loss), 'number'],
    ['In, /s', row => bytes(row.bytes_in_per_second), 'number wide'],
    ['Out, /s', row => bytes(row.bytes_out_per_second), 'number wide'],
    ['Waiting', row => bytes(row.queued_bytes), 'number wide'],
    ['Wait, ms', row => milliseconds(row.queue_ms), 'number']] },
};

function showTable(name, rows) {
  const { none, columns } = tables[name];
  const table = by(name);
  if (!table.tHead.rows.length) {
    const head = table.tHead.insertRow();
    for (const [text, , kind] of columns) {
      const cell = make('th', text, kind);
      cell.scope = 'col';
      head.append(cell);
    }
  }
  by(`${name}-count`).textContent = rows.length ? `(${rows.length})` : '';
  const body = make('tbody');
  for (const row of rows) {
    const line = body.insertRow();
    for (const [, text, kind, tone] of columns) line.append(make('td', text(row), `${kind ?? ''} ${tone ? tone(row) : ''}`.trim()));
  }
  if (!rows.length) {
    const cell = body.insertRow().insertCell();
    cell.colSpan = columns.length;
    cell.className = 'none';
    cell.textContent = none;
  }
  table.tBodies[0].replaceWith(body);
}

function show(now) {
  document.title = `${now.application}: ${now.totals.connections} peers`;
  by('application').textContent = now.application;
  by('state').textContent = now.state;
  by('state').className = `state ${now.state}`;
  by('about').textContent = `up ${time(now.uptime_seconds)}, ActorPeer ${now.version}`;
  showTiles(now);
  for (const name of Object.keys(tables)) showTable(name, now[name]);
  by('trouble').hidden = true;
  before = now;
}

async function ask() {
  try {
    const answer = await fetch('api/status', { signal: AbortSignal.timeout(4000) });
    if (!answer.ok) throw new Error(`it answers ${answer.status}`);
    show(await answer.json());
    document.body.dataset.answers = Number(document.body.dataset.answers ?? 0) + 1;
  } catch (error) {
    by('state').textContent = 'silent';
    by('state').className = 'state silent';
    by('trouble').textContent = `The node does not answer: ${error.message}. What is below was true a moment ago.`;
    by('trouble').hidden = false;
  }
  setTimeout(ask, 1000);
}

ask();
