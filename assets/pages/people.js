// Vestibule: the list of accounts with its filters, and the open invitations.

import { part } from '../base/api.js';
import { call } from '../base/session.js';
import { $, count, el, moment, nameOf } from '../base/ui.js';
import { confirmAct } from '../parts/ask.js';
import { marksOf } from '../parts/directory.js';
import { every, onAct, startPage } from '../parts/shell.js';

/** @type {Record<string, string>} */
const FILTERS = { search: '', role: '', status: 'active', twoFactor: '' };
const POLL_MS = 15_000;
/** @type {string | null} */
let cursor = null;
let asked = 0;
/** @type {Api.Team[]} */
let teams = null;

/** The filters as a query; also kept in the address, so that Back finds the same list. */
function filters() {
  const chosen = Object.fromEntries(Object.keys(FILTERS).map((name) => [name, $('filters').elements[name].value.trim()]));
  const changed = Object.entries(chosen).filter(([name, value]) => value !== FILTERS[name]);
  const query = new URLSearchParams(changed).toString();
  history.replaceState(null, '', query ? `?${query}` : location.pathname);
  if (chosen.status === 'any') delete chosen.status;
  return new URLSearchParams(Object.entries(chosen).filter(([, value]) => value !== ''));
}

async function showPeople({ more = false } = {}) {
  const query = filters();
  if (more) query.set('cursor', cursor);
  asked += 1;
  const mine = asked;
  const page = await call('GET', `/users?${query}`);
  if (mine !== asked) return;
  cursor = page.nextCursor;
  $('more').hidden = cursor === null;
  const rows = page.users.map(row);
  if (more) {
    $('people').append(...rows);
    rows[0]?.querySelector('a').focus();
  } else {
    $('people').replaceChildren(...rows);
  }
  const shown = $('people').children.length;
  const words = shown === 0
    ? 'Nobody fits. Change the filters, or invite somebody.'
    : `${count(shown, 'person', 'people')}${cursor === null ? '' : ' and more'}`;
  // Changed only when the words do: a screen reader reads each change.
  if ($('found').textContent !== words) $('found').textContent = words;
}

/** @param {Api.Account} person */
const row = (person) => el('li', {},
  el('div', {}, el('a', { class: 'name', href: `/admin/person?id=${person.id}` }, nameOf(person)), el('p', { class: 'hint' }, person.email)),
  el('span', { class: 'badges' }, ...marksOf(person).map(([kind, words]) => el('span', { class: `badge ${kind}` }, words))));

/** The teams, fetched when they are first needed. */
async function allTeams() {
  teams ??= (await call('GET', '/teams?limit=500')).teams;
  return teams;
}

async function showInvitations() {
  const { invitations } = await call('GET', '/invitations');
  $('invitations').hidden = invitations.length === 0;
  const named = invitations.some((one) => one.teamId != null) ? await allTeams() : [];
  $('invitation-list').replaceChildren(...invitations.map((one) => {
    const team = named.find(({ id }) => id === one.teamId);
    const button = el('button', { type: 'button', class: 'small danger', 'aria-label': `Withdraw the invitation of ${one.email}` }, 'Withdraw');
    onAct(button, $('page-problem'), async () => {
      const sure = await confirmAct({ title: 'Withdraw this invitation?', text: `The link for ${one.email} stops working at once.`, yes: 'Withdraw' });
      if (!sure) return;
      await call('DELETE', `/invitations/${one.id}`);
      await showInvitations();
      $($('invitations').hidden ? 'invite' : 'invitations-title').focus();
    });
    return el('li', {},
      el('div', {}, el('span', { class: 'name' }, one.email),
        el('p', { class: 'hint' }, `${team ? `${team.name}, ${one.role}. ` : ''}Invited by ${one.invitedBy?.name ?? 'somebody'}. Works until `, moment(one.expiresAt), '.')),
      button);
  }));
}

function bind() {
  const given = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(FILTERS)) $('filters').elements[name].value = given.get(name) ?? value;
  let timer = 0;
  /** @param {number} wait */
  const later = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(() => showPeople().catch((error) => { $('found').textContent = `${error.message} ${error.description ?? ''}`; }), wait);
  };
  $('filters').addEventListener('input', (/** @type {{ target: HTMLInputElement }} */ { target }) => later(target.type === 'search' ? 250 : 0));
  $('filters').addEventListener('submit', (/** @type {Event} */ event) => {
    event.preventDefault();
    later(0);
  });
  onAct($('more'), $('page-problem'), () => showPeople({ more: true }));
  onAct($('invite'), $('page-problem'), async () => {
    const { invite } = await part(() => import('../parts/invite.js'));
    if (await invite({ place: $('link'), teams: await allTeams() })) await showInvitations();
  });
}

bind();
/** Keeps the list up to date, unless the user is in the middle of it. */
async function follow() {
  const busy = $('more').hidden === false || $('people').contains(document.activeElement) || $('invitation-list').contains(document.activeElement);
  if (!busy) await Promise.all([showPeople(), showInvitations()]);
}

startPage(async () => {
  await Promise.all([showPeople(), showInvitations()]);
  every(POLL_MS, follow);
}, { managers: true });
