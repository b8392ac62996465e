// Vestibule: on the account page: who acts or acted as this person, the way to end it now, and the switch.

import { call } from './session.js';
import { confirmAct } from './fresh.js';
import { me, onAct } from './shell.js';
import { $, el, moment } from './ui.js';

const HOW = {
  returned: 'returned by themselves',
  lapsed: 'the time was up',
  signed_out: 'signed out',
  ended_by_target: 'ended by you',
  revoked: 'taken back by the service or an administrator',
};
const SHOWN = 50;

/** Loads and shows it; the section stays hidden where the service has no such list. */
export async function showImpersonations() {
  let found;
  try {
    found = await Promise.all([call('GET', `/auth/me/impersonations?limit=${SHOWN}`), call('GET', '/auth/sessions')]);
  } catch (error) {
    if (error.status === 404) return;
    throw error;
  }
  const [{ impersonations }, { sessions }] = found;
  $('impersonation').hidden = false;
  $('allow').checked = me.impersonationAllowed;
  $('allow').disabled = me.roles.includes('Super Admin');
  $('allow-hint').textContent = me.roles.includes('Super Admin')
    ? 'Nobody can act as a Super Admin.'
    : 'Somebody from the support team may then act as you for up to 30 minutes, to see what you see. You are told who and why. Switching it off ends what is running.';
  const rows = impersonations.map((one) => {
    const about = el('div', {}, el('strong', {}, one.by.name ?? `Account ${one.by.id}`), one.team ? ` in ${one.team.name ?? one.team}` : '',
      ...(one.reason ? [el('p', {}, `“${one.reason}”`)] : []),
      el('p', { class: 'hint' }, 'From ', moment(one.startedAt), ...(one.endedAt
        ? [' to ', moment(one.endedAt), HOW[one.how] ? `: ${HOW[one.how]}` : '']
        : [', until ', moment(one.until), ' at the latest'])));
    const running = sessions.find((session) => session.impersonator?.code === one.code);
    if (one.endedAt || !running) return el('li', {}, about);
    const button = el('button', { type: 'button', class: 'small danger', 'aria-label': `End now: ${one.by.name}` }, 'End now');
    onAct(button, $('impersonation-problem'), async () => {
      await call('DELETE', `/auth/sessions/${encodeURIComponent(running.id)}`);
      await showImpersonations();
      $('impersonation-status').textContent = `${one.by.name} no longer acts as you.`;
      $('impersonation-title').focus();
    });
    return el('li', {}, about, button);
  });
  $('impersonation-list').replaceChildren(...rows);
  $('impersonation-none').hidden = rows.length > 0;
}

/** The switch; off is asked about when it ends something. */
export function bindSwitch(reload) {
  $('allow').addEventListener('change', async () => {
    const on = $('allow').checked;
    const box = $('impersonation-problem');
    box.replaceChildren();
    try {
      const running = $('impersonation-list').querySelector('button');
      const sure = on || !running || await confirmAct({ title: 'Forbid it from now on?', text: 'Whoever acts as you now is out at once.', yes: 'Forbid' });
      if (sure) {
        await call('PATCH', '/auth/me', { impersonationAllowed: on });
        await reload();
        $('impersonation-status').textContent = on ? 'Allowed.' : 'Forbidden. Nobody acts as you.';
      } else {
        $('allow').checked = true;
      }
    } catch (error) {
      $('allow').checked = !on;
      box.append(el('strong', {}, error.message), ' ', error.description ?? '');
    }
  });
}
