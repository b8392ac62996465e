// Vestibule: the sign-in page: the password, then the code, then the page that the user came for.

import { request } from '../base/api.js';
import { begin, call, end, findSession, renew, session, signOut } from '../base/session.js';
import { $, clearProblem, el, onPress, onSubmit, showProblem } from '../base/ui.js';
import { codeField } from '../parts/code-field.js';
import { addPasswordToggles, safeNext, showStep } from '../parts/steps.js';

/** @type {Record<string, string>} */
const REASONS = {
  expired: 'Your session has ended. Sign in again to go on.',
  'signed-out': 'You are signed out.',
  'signed-out-here': 'You are signed out in this browser, but the service could not be told. Once it answers, you can end the session on your account page.',
};

const query = new URLSearchParams(location.search);
const next = safeNext(query.get('next'));
const go = () => location.replace(next);
const toEnrol = () => location.replace(next === '/' ? '/enrol' : `/enrol?${new URLSearchParams({ next })}`);

const field = codeField({
  input: $('code'),
  label: $('code-label'),
  hint: $('code-hint'),
  toggle: $('code-toggle'),
  form: $('code-form'),
});

function askPassword() {
  field.setMode('totp');
  $('code').value = '';
  $('password').value = '';
  showStep('password');
  if ($('email').value) $('password').focus();
}

function askForCode() {
  const email = session()?.email;
  $('code-who').replaceChildren(...(email
    ? ['Signing in as ', el('strong', {}, email), '.']
    : ['Your password was right. Now the second door.']));
  clearProblem($('code-problem'));
  showStep('code');
}

onSubmit($('password-form'), $('password-problem'), async () => {
  $('reason').textContent = '';
  const email = $('email').value.trim();
  let answer;
  try {
    answer = await request('POST', '/auth/sign-in', { body: { email, password: $('password').value } });
  } catch (error) {
    $('password').focus();
    $('password').select();
    throw error;
  }
  begin(answer, email);
  $('password').value = '';
  if (answer.stage === 'pending') askForCode();
  else if (answer.stage === 'enrolment') toEnrol();
  else go();
});

onSubmit($('code-form'), $('code-problem'), async () => {
  try {
    const answer = await call('POST', '/2fa/authenticate', { code: field.value() });
    renew(answer);
    if (Number.isInteger(answer.recoveryCodesLeft)) showRecovered(answer.recoveryCodesLeft);
    else go();
  } catch (error) {
    if (error.code === 'UNAUTHORIZED') {
      askPassword();
      showProblem($('password-problem'), error);
      return;
    }
    if (error.code === 'TWO_FACTOR_NOT_ENABLED') {
      end();
      askPassword();
      showProblem($('password-problem'), error);
      return;
    }
    if (error.code === 'SECOND_FACTOR_LOCKED') field.setMode('recovery');
    field.refuse();
    throw error;
  }
});

/** @param {number} left */
function showRecovered(left) {
  const codes = left === 1 ? '1 recovery code' : `${left} recovery codes`;
  $('recovered-text').textContent = left === 0
    ? 'That was your last recovery code. Make new ones now, or move to a new phone if you lost the old one.'
    : `You used a recovery code and have ${codes} left. If your phone is lost, move to a new one.`;
  showStep('recovered');
}

// A refusal of one kind of code says nothing about the other.
$('code-toggle').addEventListener('click', () => clearProblem($('code-problem')));

onPress($('recovered-go'), $('already-problem'), go);
onPress($('already-go'), $('already-problem'), go);
onPress($('already-out'), $('already-problem'), () => signOut());
onPress($('not-me'), $('code-problem'), async () => {
  // The pending token is ended at the service if that can be reached; it lapses by itself otherwise.
  await call('POST', '/auth/sign-out').catch(() => {});
  end();
  $('email').value = '';
  askPassword();
});

async function start() {
  addPasswordToggles();
  $('reason').textContent = REASONS[query.get('reason')] ?? '';
  const stage = session()?.stage;
  if (stage === 'pending') {
    askForCode();
    return;
  }
  if (stage === 'impersonation') {
    location.replace('/');
    return;
  }
  if (stage === 'enrolment') {
    toEnrol();
    return;
  }
  showStep('password');
  if (!(await findSession())) return;
  try {
    const me = await call('GET', '/auth/me');
    if ($('email').value || session()?.stage !== 'full') return;
    $('reason').textContent = '';
    $('already-who').replaceChildren('Signed in as ', el('strong', {}, me.email), '.');
    showStep('already');
  } catch {
    // That session has ended, or the service is away: the form says so when it is sent.
  }
}

start();
