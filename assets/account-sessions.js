// Vestibule: the list on the account page of where one is signed in, each with a button that ends it.

import { call } from './session.js';
import { confirmAct } from './fresh.js';
import { $, el, moment, onPress } from './ui.js';

const WAYS = { pwd: 'password', otp: 'code' };

/** Loads and shows the list; throws what the service refuses, except that it has no such list. */
export async function showSessions() {
  let sessions;
  try {
    ({ sessions } = await call('GET', '/auth/sessions'));
  } catch (error) {
    if (error.status === 404) return;
    throw error;
  }
  $('sessions').hidden = false;
  $('session-list').replaceChildren(...sessions.map(row));
}

function row(session) {
  const facts = el('p', { class: 'hint' }, 'Since ', moment(session.createdAt));
  if (session.lastUsedAt) facts.append(', last used ', moment(session.lastUsedAt));
  if (session.amr?.length) facts.append(`, with ${session.amr.map((way) => WAYS[way] ?? way).join(' and ')}`);

  const device = session.device || 'Unknown device';
  const about = el('div', {}, el('strong', {}, device), session.address ? ` at ${session.address}` : '', facts);
  if (session.impersonator) {
    const who = session.impersonator.email ?? 'Someone from the support team';
    about.append(el('p', { class: 'warn' }, `${who} is signed in as you here. Ending the session stops that.`));
  }
  if (session.current) return el('li', {}, about, el('span', { class: 'badge on' }, 'This one'));

  const button = el('button', { type: 'button', class: 'small' }, 'End');
  button.setAttribute('aria-label', `End session: ${device}`);
  onPress(button, $('sessions-problem'), async () => {
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
