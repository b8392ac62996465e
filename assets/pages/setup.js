// Vestibule: the set-up page: takes the one-time token from the link and claims the service.

import { request } from '../base/api.js';
import { begin } from '../base/session.js';
import { $, onSubmit, showProblem } from '../base/ui.js';
import { addPasswordToggles, showStep } from '../parts/steps.js';

const KEY = 'vestibule.setup';
let token = '';

/**
 * The token out of a whole link, a fragment or the bare text; empty if there is none.
 * @param {string} text
 */
function tokenIn(text) {
  const trimmed = text.trim();
  const named = /(?:^|[#&?])token=([^&\s]+)/.exec(trimmed);
  let found = named ? named[1] : trimmed;
  try {
    found = decodeURIComponent(found);
  } catch {
    // Not percent-encoded: taken as it is.
  }
  return /^[\w.~+/=-]+$/.test(found) ? found : '';
}

/**
 * Kept in this tab only, so that a reload does not lose it.
 * @param {string} value
 */
function keepToken(value) {
  token = value;
  try {
    if (value) sessionStorage.setItem(KEY, value);
    else sessionStorage.removeItem(KEY);
  } catch {
    // No storage: memory has to do.
  }
}

function start() {
  if (location.hash) {
    const found = location.hash.includes('token=') ? tokenIn(location.hash) : '';
    history.replaceState(null, '', location.pathname);
    if (found) keepToken(found);
  }
  try {
    token ||= sessionStorage.getItem(KEY) ?? '';
  } catch {
    // No storage: memory has to do.
  }
  showStep(token ? 'claim' : 'link');
}

onSubmit($('link-form'), $('link-problem'), () => {
  const found = tokenIn($('link').value);
  if (!found) {
    showProblem($('link-problem'), {
      message: 'This is no set-up link.',
      description: 'Copy the whole line that the command printed.',
    });
    $('link').select();
    return;
  }
  keepToken(found);
  $('link').value = '';
  showStep('claim');
});

onSubmit($('claim-form'), $('claim-problem'), async () => {
  const email = $('email').value.trim();
  try {
    const answer = await request('POST', '/setup', {
      body: {
        token,
        email,
        password: $('password').value,
        firstName: $('first-name').value.trim(),
        lastName: $('last-name').value.trim(),
      },
    });
    keepToken('');
    begin(answer, email);
    location.replace('/enrol');
  } catch (error) {
    if (error.status === 404) {
      keepToken('');
      showStep('claimed');
    } else if (error.code === 'INVALID_TOKEN') {
      keepToken('');
      showStep('link');
      showProblem($('link-problem'), error);
    } else {
      if (error.code === 'WEAK_PASSWORD') $('password').focus();
      throw error;
    }
  }
});

addEventListener('hashchange', start);
addPasswordToggles();
start();
