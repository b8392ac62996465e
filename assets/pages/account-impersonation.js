// Vestibule: on the account page: who acts or acted as the user, the way to end it now, and the switch.

import { call } from '../base/session.js';
import { $, el, moment } from '../base/ui.js';
import { confirmAct } from '../parts/ask.js';
import { me, onAct } from '../parts/shell.js';

const SHOWN = 50;
/** @type {Record<string, string>} */
const HOW = {
  returned: 'returned by themselves',
  lapsed: 'the time was up',
  signed_out: 'signed out',
  ended_by_target: 'ended by you',
  revoked: 'taken back',
};

/**
 * Loads and shows the history; `running` are the sessions of others that go on now.
 * @param {Api.Session[]} running
 */
export async function showHistory(running) {
  const { impersonations } = await call('GET', `/auth/me/impersonations?limit=${SHOWN}`);
  $('allow').checked = me.impersonationAllowed;
  $('allow-label').hidden = me.roles.includes('Super Admin');
  const rows = impersonations.map((one) => {
    const name = one.by.name ?? `Account ${one.by.id}`;
    const about = el('div', {}, el('strong', {}, name), one.team ? ` in ${one.team}` : '',
      ...(one.reason ? [el('p', {}, `“${one.reason}”`)] : []),
      el('p', { class: 'hint' }, 'From ', moment(one.startedAt), ...(one.endedAt
        ? [' to ', moment(one.endedAt), HOW[one.how] ? `: ${HOW[one.how]}` : '']
        : [', until ', moment(one.until), ' at the latest'])));
    const session = running.find(({ impersonator }) => impersonator.code === one.code);
    return el('li', {}, about, ...(session ? [el('span', { class: 'badge mind' }, 'Now')] : []));
  });
  $('impersonation-list').replaceChildren(...(rows.length ? rows : [el('li', { class: 'hint' }, 'Nobody has acted as you.')]));
}

/**
 * A button that ends at once what somebody does in the user's name.
 * @param {Api.Session} session @param {() => Promise<unknown>} reload
 */
export function endButton({ id, impersonator }, reload) {
  const button = el('button', { type: 'button', class: 'small danger' }, 'End now');
  onAct(button, $('impersonation-problem'), async () => {
    await call('DELETE', `/auth/sessions/${encodeURIComponent(id)}`);
    await reload();
    $('impersonation-status').textContent = `${impersonator.name} no longer acts as you.`;
    $('impersonation-title').focus();
  });
  return button;
}

/**
 * The switch; off is asked about when it ends something.
 * @param {() => Api.Session[]} running @param {() => Promise<unknown>} reload
 */
export function bindSwitch(running, reload) {
  $('allow').addEventListener('change', async () => {
    const on = $('allow').checked;
    const box = $('impersonation-problem');
    box.replaceChildren();
    try {
      const ends = !on && running().length > 0;
      const sure = !ends || await confirmAct({ title: 'Forbid it from now on?', text: 'It ends at once for anybody who acts as you now.', yes: 'Forbid' });
      $('allow').checked = on === Boolean(sure);
      if (!sure) return;
      await call('PATCH', '/auth/me', { impersonationAllowed: on });
      await reload();
      $('impersonation-status').textContent = on ? 'Allowed.' : 'Forbidden: nobody can act as you.';
    } catch (error) {
      $('allow').checked = !on;
      box.append(el('strong', {}, error.message), ' ', error.description ?? '');
    }
  });
}
