// Vestibule: the audit log, newest first; new events come by themselves.

import { call } from './session.js';
import { everybody, namesOf } from './directory.js';
import { WORDS, eventRow } from './events.js';
import { every, onAct, parameter, startPage } from './shell.js';
import { $, count, el, nameOf } from './ui.js';

const SIZES = [25, 250, 1000];
const POLL_MS = 5000;
let size = 0;
let names = new Map();
let newest = 0;

function query() {
  const chosen = [['user', $('user').value], ['action', $('action').value]].filter(([, value]) => value);
  const text = new URLSearchParams(chosen).toString();
  history.replaceState(null, '', text ? `?${text}` : location.pathname);
  return text;
}

async function showEvents() {
  const { events, head } = await call('GET', `/audit?limit=${SIZES[size]}&${query()}`);
  newest = head.number;
  $('events').replaceChildren(...events.reverse().map((event) => eventRow(event, names)));
  $('more').hidden = events.length < SIZES[size] || size === SIZES.length - 1;
  const newestOnly = events.length === SIZES.at(-1) ? ', the newest' : '';
  $('found').textContent = events.length === 0 ? 'Nothing of this kind has happened.' : `${count(events.length, 'event', 'events')}${newestOnly}`;
}

async function showNewer() {
  const { events, head } = await call('GET', `/audit?after=${newest}&limit=50&${query()}`);
  if (events.length > 0) $('events').prepend(...events.reverse().map((event) => eventRow(event, names)));
  newest = Math.max(events[0]?.number ?? 0, head.number);
}

for (const name of ['user', 'action']) {
  $(name).addEventListener('change', () => {
    size = 0;
    showEvents().catch((error) => { $('found').textContent = `${error.message} ${error.description ?? ''}`; });
  });
}
$('filters').addEventListener('submit', (event) => event.preventDefault());
onAct($('more'), $('page-problem'), async () => {
  const last = $('events').lastElementChild;
  size += 1;
  await showEvents();
  last?.scrollIntoView();
});

startPage(async () => {
  const people = await everybody();
  names = namesOf(people);
  $('user').append(...people.map((one) => el('option', { value: one.id }, nameOf(one))));
  $('action').append(...Object.keys(WORDS).map((action) => el('option', { value: action }, action.replaceAll('_', ' ').replace('.', ': '))));
  $('user').value = parameter('user');
  $('action').value = parameter('action');
  await showEvents();
  every(POLL_MS, showNewer);
}, { managers: true });
