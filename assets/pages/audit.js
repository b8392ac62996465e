// Vestibule: the audit log, newest first; new events appear by themselves.

import { call } from '../base/session.js';
import { $, count, el, nameOf } from '../base/ui.js';
import { everybody, namesOf } from '../parts/directory.js';
import { WORDS, eventRow, eventsBefore } from '../parts/events.js';
import { every, onAct, parameter, startPage } from '../parts/shell.js';

const SHOWN = 25;
const MORE = 100;
const POLL_MS = 5000;
/** @type {number | null} */
let previous = null;
let names = new Map();
let newest = 0;

function query() {
  const chosen = [['user', $('user').value], ['action', $('action').value]].filter(([, value]) => value);
  const text = new URLSearchParams(chosen).toString();
  history.replaceState(null, '', text ? `?${text}` : location.pathname);
  return text;
}

async function showEvents() {
  const page = await eventsBefore(null, SHOWN, query());
  newest = page.head.number;
  previous = page.previous;
  $('events').replaceChildren(...page.events.map((event) => eventRow(event, names)));
  told();
}

async function showOlder() {
  const page = await eventsBefore(previous, MORE, query());
  previous = page.previous;
  const rows = page.events.map((event) => eventRow(event, names));
  $('events').append(...rows);
  told();
}

function told() {
  $('more').hidden = previous === null;
  const shown = $('events').children.length;
  $('found').textContent = shown === 0 && previous === null ? 'Nothing of this kind has happened.' : `${count(shown, 'event', 'events')}${previous === null ? '' : ', and older ones'}`;
}

async function showNewer() {
  const page = await call('GET', `/audit?after=${newest}&limit=${MORE}&${query()}`);
  newest = page.next ?? page.head.number;
  if (page.events.length > 0) $('events').prepend(...page.events.reverse().map((event) => eventRow(event, names)));
}

for (const name of ['user', 'action']) {
  $(name).addEventListener('change', () => {
    showEvents().catch((error) => { $('found').textContent = `${error.message} ${error.description ?? ''}`; });
  });
}
$('filters').addEventListener('submit', (/** @type {Event} */ event) => event.preventDefault());
onAct($('more'), $('page-problem'), showOlder);

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
