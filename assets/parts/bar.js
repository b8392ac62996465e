// Vestibule: the bar while the user acts as somebody else: as whom, for how long, and the way out. Loading shows it.

import { clockOffset } from '../base/api.js';
import { call, endImpersonation, leave, session } from '../base/session.js';
import { el, icon, onPress } from '../base/ui.js';
import { inWords } from '../base/wait.js';

if (session()?.stage === 'impersonation') showBar(session());

/** @param {import('../base/session.js').Session} session */
function showBar({ as, until }) {
  const left = el('span', { class: 'wait', role: 'timer', 'aria-live': 'off' });
  const box = el('div', { class: 'problem', role: 'alert' });
  const out = el('button', { type: 'button', class: 'small' }, 'Return to yourself');
  document.body.prepend(el('div', { class: 'bar', role: 'region', 'aria-label': 'Acting as somebody else' },
    icon('people'), el('p', {}, `You are acting as ${as.name}, in this tab. `, left), out, box));

  onPress(out, box, async () => {
    try {
      endImpersonation(await call('POST', '/2fa/desimpersonation'));
    } catch (error) {
      if (leave(error)) return;
      throw error;
    }
    location.replace(`/admin/person?id=${as.id}&ended=1`);
  });

  const tick = () => {
    const seconds = Math.ceil((until - Date.now() - (clockOffset ?? 0)) / 1000);
    left.textContent = seconds > 0 ? `It ends by itself in ${inWords(seconds)}.` : 'The time is up.';
    // The service has the last word: once it refuses the token, this tab returns to the user's own session.
    if (seconds <= 0 && seconds % 5 === 0) call('GET', '/auth/me').catch(leave);
  };
  setInterval(tick, 1000);
  tick();
}
