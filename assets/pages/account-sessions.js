// Vestibule: on the account page, the list of the user's sessions, each with a button that ends it; and whether somebody
// acts as the user now. What belongs to that is fetched when it is opened.

import { part } from '../base/api.js';
import { call } from '../base/session.js';
import { $, el, moment } from '../base/ui.js';
import { confirmAct } from '../parts/ask.js';
import { me, onAct } from '../parts/shell.js';

/** @type {Record<string, string>} */
const WAYS = { pwd: 'password', otp: 'code' };
const others = () => part(() => import('./account-impersonation.js'));
/** @type {Api.Session[]} */
let running = [];

// The first that fits: most browsers also call themselves by the names below theirs.
const BROWSERS = [['Edg', 'Edge'], ['OPR/', 'Opera'], ['Firefox/', 'Firefox'], ['Chrome/', 'Chrome'], ['Safari/', 'Safari'], ['curl/', 'curl']];
const SYSTEMS = [['Android', 'Android'], ['iPhone', 'iPhone'], ['iPad', 'iPad'], ['Windows', 'Windows'], ['Mac OS', 'macOS'], ['CrOS', 'ChromeOS'], ['Linux', 'Linux']];

/**
 * "Firefox on Linux", from what a browser says of itself; an unknown one is shown as it says.
 * @param {string} words
 */
function deviceIn(words) {
  /** @param {string[][]} list */
  const named = (list) => list.find(([mark]) => words.includes(mark))?.[1];
  return [named(BROWSERS), named(SYSTEMS)].filter(Boolean).join(' on ') || words;
}

/** Loads and shows the list; throws what the service refuses. */
export async function showSessions() {
  const { sessions } = await call('GET', '/auth/sessions');
  $('sessions').hidden = false;
  $('session-list').replaceChildren(...sessions.filter(({ impersonator }) => !impersonator).map(row));
  running = sessions.filter(({ impersonator }) => impersonator);
  await showRunning();
}

/** Who acts as the user now, with reason, time and the way to end it. */
async function showRunning() {
  $('impersonation').hidden = false;
  if (running.length === 0) {
    const never = me.roles.includes('Super Admin') ? 'Nobody can act as a Super Admin.' : 'Nobody may: you have forbidden it.';
    $('impersonation-text').replaceChildren(me.impersonationAllowed && !me.roles.includes('Super Admin')
      ? 'Nobody does now. Support may, for up to 30 minutes, to see what you see; you are told who and why.' : never);
  } else {
    const { endButton } = await others();
    const rows = running.map((session) => {
      const { name, reason, until } = session.impersonator;
      return el('li', {}, el('div', { class: 'warn' }, el('strong', {}, `${name} is acting as you now`), ', until ', moment(until), ' at the latest.',
        reason ? ` Reason: “${reason}”` : ''), endButton(session, showSessions));
    });
    $('impersonation-text').replaceChildren(el('span', { class: 'rows', role: 'list' }, ...rows));
  }
  if ($('impersonation-details').open) await (await others()).showHistory(running);
}

/**
 * The history and the switch, when they are opened. `reload` loads the page again.
 * @param {() => Promise<unknown>} reload
 */
export function bindImpersonation(reload) {
  const box = $('impersonation-problem');
  let bound = false;
  $('impersonation-details').addEventListener('toggle', async () => {
    if (!$('impersonation-details').open) return;
    try {
      const { bindSwitch, showHistory } = await others();
      if (!bound) bindSwitch(() => running, reload);
      bound = true;
      await showHistory(running);
    } catch (error) {
      box.replaceChildren(error.message);
    }
  });
}

/** @param {Api.Session} session */
function row(session) {
  const facts = el('p', { class: 'hint' }, 'Since ', moment(session.createdAt));
  if (session.lastUsedAt) facts.append(', last used ', moment(session.lastUsedAt));
  if (session.amr?.length) facts.append(`, with ${session.amr.map((way) => WAYS[way] ?? way).join(' and ')}`);

  const device = deviceIn(session.device || 'Unknown device');
  const about = el('div', {}, el('strong', { title: session.device }, device), session.address ? ` at ${session.address}` : '', facts);
  if (session.current) return el('li', {}, about, el('span', { class: 'badge on' }, 'This one'));

  const button = el('button', { type: 'button', class: 'small' }, 'End');
  button.setAttribute('aria-label', `End session: ${device}`);
  onAct(button, $('sessions-problem'), async () => {
    const sure = await confirmAct({
      title: 'End this session?',
      text: `${device} is signed out at once.`,
      yes: 'End session',
    });
    if (!sure) return;
    await call('DELETE', `/auth/sessions/${encodeURIComponent(session.id)}`);
    await showSessions();
    $('sessions-title').focus();
  });
  return el('li', {}, about, button);
}
