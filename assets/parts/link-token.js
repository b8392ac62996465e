// Vestibule: pages that a one-time link opens: the token is taken out of the address at once and kept in this tab only.

import { nothing } from '../base/api.js';
import { call, findSession, session, signOut } from '../base/session.js';
import { $, el, onPress, showProblem } from '../base/ui.js';
import { showStep } from './steps.js';

/**
 * `key` names the place in the tab's storage; `show` fills the form before it is shown.
 * @param {string} key @param {() => void} show
 */
export function useLink(key, show) {
  const link = { token: '', email: '', start, refused, forget };

  /** @param {string} value */
  function store(value) {
    try {
      if (value) sessionStorage.setItem(key, value);
      else sessionStorage.removeItem(key);
    } catch {
      // No storage: memory has to do.
    }
  }

  function read() {
    let found = location.hash.slice(1);
    if (found) {
      history.replaceState(null, '', location.pathname);
      store(found);
    }
    try {
      found ||= sessionStorage.getItem(key) ?? '';
    } catch {
      // No storage: memory has to do.
    }
    const parts = new URLSearchParams(found);
    link.token = parts.get('token') ?? link.token;
    link.email = parts.get('email') ?? link.email;
  }

  function forget() {
    store('');
    link.token = '';
  }

  /** Shows the form; if somebody is signed in at this browser, asks about that first. */
  async function start() {
    read();
    if (!link.token) {
      dead({ message: 'There is no link here.', description: 'Open the whole link that you were given, from its first letter to its last.' });
      return;
    }
    const found = await findSession();
    if (found?.stage === 'full' || found?.stage === 'impersonation') {
      const me = await call('GET', '/auth/me').catch(nothing);
      if (me && session()) {
        $('other-who').replaceChildren('The link is for one person, and ', el('strong', {}, me.email), ' is signed in at this browser.');
        showStep('other');
        return;
      }
    }
    show();
    showStep('form');
    $('password').focus();
  }

  /** @param {import('../base/ui.js').Told} error */
  function dead(error) {
    forget();
    showStep('dead');
    showProblem($('dead-problem'), error);
  }

  /**
   * After a refusal: a dead link takes the place of the form, anything else is shown beside it.
   * @param {import('../base/api.js').ApiError} error
   */
  function refused(error) {
    if (error.code === 'INVALID_TOKEN') {
      dead(error);
      return;
    }
    $('password').focus();
    throw error;
  }

  onPress($('other-out'), $('other-problem'), () => signOut({ to: location.pathname }));
  addEventListener('hashchange', start);
  return link;
}
