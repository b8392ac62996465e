// Vestibule: the enrolment page: QR code and key, the first code from the app, the recovery codes.

import { clockOffset } from '../base/api.js';
import { call, findSession, leave, renew, session, signOut, toSignIn } from '../base/session.js';
import { $, clearProblem, copyText, el, onSubmit, showProblem, showWho } from '../base/ui.js';
import { withFreshCode } from '../parts/ask.js';
import { codeField } from '../parts/code-field.js';
import { showRecoveryCodes } from '../parts/recovery.js';
import { safeNext, showStep } from '../parts/steps.js';

const replacing = new URLSearchParams(location.search).get('replace') === '1';
const field = codeField({ input: $('code') });
/** Begins what is said of the code of the phone so far, which is checked with that of the new one. */
const ABOUT_OLD = '`currentCode`: ';
const test = codeField({ input: $('test-code') });
const next = safeNext(new URLSearchParams(location.search).get('next'));
/** @type {Api.OwnAccount} */
let me = null;

/** Shows what the app needs; the service gives the same secret again after a reload. */
async function showSecret() {
  const answer = await withFreshCode(() => call('GET', `/2fa/generate-qr${replacing ? '?replace=true' : ''}`));
  if (!answer) {
    location.replace('/');
    return;
  }
  const link = new URL(answer.link);
  const secret = link.searchParams.get('secret') ?? '';
  $('qr').src = answer.qrCode;
  $('qr').hidden = false;
  $('open-app').href = answer.link;
  $('account-name').textContent = accountName(link);
  $('key').textContent = (secret.match(/.{1,4}/g) ?? []).join(' ');
  $('kind').textContent = kindOf(link.searchParams);
  $('copy-key').onclick = () => copyText(secret, $('copy-status'), 'Key copied.');
  if (replacing) {
    $('scan-title').textContent = 'Move to a new phone';
    $('scan-lead').textContent = 'Add this account to the app on the new phone. The old phone keeps working until the codes below are accepted; then its entry can be deleted.';
    $('old').hidden = false;
    $('old-code').required = true;
    $('code').labels[0].textContent = 'Code that the app on the new phone shows now';
  }
  $('later').hidden = session().stage !== 'full';
  showStep('scan');
}

/** @param {URL} link */
function accountName(link) {
  const label = link.href.slice('otpauth://totp/'.length).split('?')[0];
  try {
    return decodeURIComponent(label);
  } catch {
    return label;
  }
}

/** @param {URLSearchParams} params */
function kindOf(params) {
  const digits = params.get('digits') ?? '6';
  const period = params.get('period') ?? '30';
  const algorithm = params.get('algorithm');
  return `Time-based, ${digits} digits, every ${period} seconds${algorithm ? `, ${algorithm}` : ''}`;
}

/**
 * Ends the steps with a reason and what can be done about it.
 * @param {import('../base/ui.js').Told | null} error @param {string} text @param {Node[]} actions
 */
function stop(error, text, ...actions) {
  $('stop-text').textContent = text;
  $('stop-text').hidden = text === '';
  $('stop-actions').replaceChildren(...actions);
  showStep('stop');
  $('stop-problem').replaceChildren();
  if (error) showProblem($('stop-problem'), error);
}

const toAccount = (name = 'Go to your account') => el('a', { class: 'button', href: '/' }, name);

function signInAgain() {
  const back = location.pathname + location.search;
  return el('button', { type: 'button', class: 'primary', click: () => signOut({ next: back }) }, 'Sign in again');
}

/** @param {string} name */
const again = (name) => el('button', { type: 'button', class: 'primary', click: load }, name);

/** @param {import('../base/api.js').ApiError} error */
function refused(error) {
  if (leave(error)) return;
  switch (error.code) {
    case 'QR_CODE_ALREADY_GENERATED':
      $('stop-title').textContent = 'Your second factor is already on';
      stop(null, 'If you did not save your recovery codes, make new ones on your account page. If you have a new phone, move to it.',
        toAccount(), el('a', { class: 'button', href: '/enrol?replace=1' }, 'Move to a new phone'));
      break;
    case 'TWO_FACTOR_NOT_ENABLED':
      if (replacing) location.replace('/enrol');
      else stop(error, '', toAccount());
      break;
    case 'TWO_FACTOR_NOT_PENDING':
      stop(error, 'If your app already shows an entry for this account, delete it first: the new QR code holds another key.',
        again('Show a new QR code'));
      break;
    case 'FRESH_SIGN_IN_REQUIRED':
      stop(error, '', signInAgain(), ...(session()?.stage === 'full' ? [toAccount()] : []));
      break;
    case 'PASSWORD_CHANGE_REQUIRED':
      stop(error, '', el('a', { class: 'button primary', href: '/#password' }, 'Change password'));
      break;
    default:
      stop(error, '', again('Try again'), ...(session()?.stage === 'full' ? [toAccount()] : []));
  }
}

$('old-code').addEventListener('input', () => $('old-code').removeAttribute('aria-invalid'));

onSubmit($('enable-form'), $('enable-problem'), async () => {
  let answer;
  try {
    const currentCode = replacing ? { currentCode: $('old-code').value.trim() } : {};
    answer = await call('POST', '/2fa/enable-two-factor-auth', { code: field.value(), ...currentCode });
  } catch (error) {
    if (replacing && isAboutOld(error)) {
      $('old-code').setAttribute('aria-invalid', 'true');
      $('old-code').focus();
      $('old-code').select();
      throw error;
    }
    const inPlace = ['INVALID_TWO_FACTOR_AUTH_CODE', 'INVALID_REQUEST', 'NETWORK'].includes(error.code)
      || error.retryAfter > 0 || error.status >= 500;
    if (!inPlace) {
      refused(error);
      return;
    }
    field.refuse();
    throw error;
  }
  renew(answer);
  showStep('codes');
  showRecoveryCodes($('codes'), answer.recoveryCodes, me?.email ?? '', done);
});

/**
 * Whether it was the code of the phone so far that was not accepted; says so in the words of this page.
 * @param {import('../base/api.js').ApiError} error
 */
function isAboutOld(error) {
  if (error.code === 'SECOND_FACTOR_LOCKED' || error.code === 'TOO_MANY_ATTEMPTS') return true;
  if (!error.description.startsWith(ABOUT_OLD)) return false;
  Object.assign(error, { message: 'The code of the phone you have used so far was not accepted.', description: error.description.slice(ABOUT_OLD.length) });
  return true;
}

/** The end: where to go from here, and a way to try a code. */
function done() {
  const manager = me?.roles.some((role) => role !== 'User');
  const to = next === '/' && manager ? '/admin' : next;
  $('done-go').href = to;
  $('done-go').textContent = to === '/admin' ? 'Go on to the first steps' : 'Continue';
  showStep('done');
}

onSubmit($('test-form'), $('test-problem'), async () => {
  $('test-status').textContent = '';
  try {
    renew(await call('POST', '/2fa/authenticate', { code: test.value() }));
  } catch (error) {
    if (leave(error)) return;
    test.refuse();
    throw error;
  }
  clearProblem($('test-problem'));
  $('test-code').value = '';
  $('test-status').textContent = 'It works: this is how you will sign in.';
});

/** The service's own time, so that a phone whose clock is off is noticed before the code is. */
function showClock() {
  if (clockOffset === null) return;
  const time = new Date(Date.now() + clockOffset).toLocaleTimeString('en-GB');
  $('clock').textContent = `The service’s clock says ${time}. The phone should say the same.`;
  $('clock').hidden = false;
}

async function load() {
  try {
    await showSecret();
  } catch (error) {
    refused(error);
  }
}

async function start() {
  if (!(await findSession())) {
    toSignIn('', location.pathname + location.search);
    return;
  }
  if (session().stage === 'impersonation') {
    location.replace('/');
    return;
  }
  if (session().stage === 'pending') {
    toSignIn('', location.pathname + location.search);
    return;
  }
  setInterval(showClock, 1000);
  const who = call('GET', '/auth/me').then((found) => {
    me = found;
    showWho(me.email, () => signOut());
  });
  await Promise.allSettled([load(), who]);
}

start();
