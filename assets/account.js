// Vestibule: the account page: who is signed in, second factor, password, notices, sessions, signing out.

import { call, findSession, leave, renew, session, signOut, toSignIn } from './session.js';
import { confirmAct, withFreshCode } from './dialogs.js';
import { showRecoveryCodes } from './recovery.js';
import { showSessions } from './account-sessions.js';
import { $, addPasswordToggles, el, moment, onPress, onSubmit, showProblem, showWho } from './ui.js';

let me = null;

async function load() {
  let status;
  try {
    [me, status] = await Promise.all([call('GET', '/auth/me'), call('GET', '/2fa/status')]);
  } catch (error) {
    if (leave(error)) return;
    $('loading').hidden = false;
    showProblem($('load-problem'), error);
    return;
  }
  $('loading').hidden = true;
  $('account').hidden = false;
  showPerson();
  showNotices(me.notices ?? []);
  showFactor(status);
  try {
    await showSessions();
  } catch (error) {
    // This is also how a demanded password change is found out: `me` and `status` answer all the same.
    refused($('sessions-problem'), error);
  }
}

/** Shows what was refused, or goes where it can be mended. */
function refused(box, error) {
  if (error.code === 'PASSWORD_CHANGE_REQUIRED') {
    $('password-details').open = true;
    showProblem($('password-problem'), error);
    $('current-password').focus();
    return;
  }
  if (error.code === 'ENROLMENT_REQUIRED' && location.hash === '#password') return;
  if (!leave(error)) showProblem(box, error);
}

/** A button whose refusal may also lead elsewhere. */
function onAct(button, box, work) {
  onPress(button, box, () => work().catch((error) => refused(box, error)));
}

function showPerson() {
  const name = [me.firstName, me.lastName].filter(Boolean).join(' ');
  $('greeting').textContent = name ? `Hello, ${name}` : 'Your account';
  const roles = (me.roles ?? []).filter((role) => role !== 'User');
  $('about-me').textContent = [me.email, ...roles].join(' · ');
  $('password-username').value = me.email;
  showWho(me.email, () => signOut());
}

function showNotices(notices) {
  const hadFocus = $('notices').contains(document.activeElement);
  $('notices').hidden = notices.length === 0;
  $('dismiss-all').hidden = notices.length < 2;
  $('notice-list').replaceChildren(...notices.map((notice) => {
    const button = el('button', { type: 'button', class: 'small' }, 'Dismiss');
    button.setAttribute('aria-label', `Dismiss: ${notice.message}`);
    onAct(button, $('page-problem'), () => dismiss([notice.id]));
    return el('li', {},
      el('div', {},
        el('strong', {}, notice.message), ' ', notice.description ?? '',
        ...(notice.at ? [el('p', { class: 'hint' }, moment(notice.at))] : [])),
      button);
  }));
  if (hadFocus) ($('notices').hidden ? $('greeting') : $('notice-list').querySelector('button')).focus();
}

async function dismiss(ids) {
  await call('POST', '/auth/me/notices/dismiss', { ids });
  me.notices = me.notices.filter((notice) => !ids.includes(notice.id));
  showNotices(me.notices);
}

function showFactor(status) {
  const on = status.isTwoFactorEnable;
  $('factor-badge').textContent = on ? 'On' : 'Off';
  $('factor-badge').classList.toggle('on', on);
  $('factor-on').hidden = !on || !$('codes').hidden;
  $('factor-off').hidden = on;
  if (on) {
    const since = status.enabledAt ? ['On since ', moment(status.enabledAt), '. '] : [];
    $('factor-text').replaceChildren(...since, 'Signing in takes your password and a code from your phone.');
  } else {
    $('factor-text').textContent = status.required
      ? 'You are required to have a second factor. Set it up while your password alone still lets you in.'
      : 'Your password alone opens your account. With a second factor, whoever steals it still stands before a closed door.';
  }

  const left = status.recoveryCodesLeft ?? 0;
  $('factor-codes').hidden = !on;
  $('factor-codes').classList.toggle('warn', left <= 3);
  $('factor-codes').textContent = left === 1 ? '1 recovery code left.' : `${left} recovery codes left.`;
  if (left <= 3) $('factor-codes').append(' Make new ones before you run out.');

  const failed = status.failedSinceLastSignIn ?? 0;
  $('factor-failed').hidden = failed === 0;
  const tries = failed === 1 ? 'One wrong code was' : `${failed} wrong codes were`;
  $('factor-failed').textContent = `${tries} given since your last sign-in. If that was not you, somebody knows your password: change it.`;
}

function bind() {
  const box = $('factor-problem');
  const said = $('factor-status');

  onPress($('load-again'), $('load-problem'), load);
  onAct($('dismiss-all'), $('page-problem'), () => dismiss(me.notices.map((notice) => notice.id)));

  onAct($('switch-off'), box, async () => {
    said.textContent = '';
    const sure = await confirmAct({
      title: 'Switch off your second factor?',
      text: 'Your password alone will open your account. The entry in your app and all recovery codes stop working, and your other sessions end.',
      yes: 'Switch off',
    });
    if (!sure) return;
    const answer = await withFreshCode(() => call('POST', '/2fa/disable-two-factor-auth'));
    if (!answer) return;
    await load();
    said.textContent = answer.description;
  });

  onAct($('new-codes'), box, async () => {
    said.textContent = '';
    const sure = await confirmAct({
      title: 'Make new recovery codes?',
      text: 'You get ten new codes. All the old ones stop working at once.',
      yes: 'Make new codes',
    });
    if (!sure) return;
    const answer = await withFreshCode(() => call('POST', '/2fa/recovery-codes'));
    if (!answer) return;
    $('factor-on').hidden = true;
    showRecoveryCodes($('codes'), answer.recoveryCodes, me.email, async () => {
      await load();
      $('new-codes').focus();
    });
    $('codes').querySelector('button').focus();
  });

  onSubmit($('password-form'), $('password-problem'), async () => {
    $('password-status').textContent = '';
    const body = { currentPassword: $('current-password').value, newPassword: $('new-password').value };
    try {
      const answer = await withFreshCode(() => call('POST', '/auth/change-password', body));
      if (!answer) return;
      if (answer.accessToken) renew(answer, session()?.stage);
      $('password-form').reset();
      $('password-details').open = false;
      $('password-title').focus();
      await load();
      $('password-status').textContent = `${answer.message} ${answer.description}`;
    } catch (error) {
      if (leave(error)) return;
      const input = error.code === 'WEAK_PASSWORD' ? $('new-password') : $('current-password');
      input.focus();
      input.select();
      throw error;
    }
  });

  onAct($('sign-out'), $('page-problem'), () => signOut());

  onAct($('sign-out-everywhere'), $('page-problem'), async () => {
    const sure = await confirmAct({
      title: 'Sign out everywhere?',
      text: 'Every session of your account ends, on every device, this one included.',
      yes: 'Sign out everywhere',
    });
    if (sure) await signOut({ everywhere: true });
  });
}

/** `/#password` and the like: the place is hidden while the page loads, so it is gone to afterwards. */
function goToHash() {
  const place = location.hash.length > 1 ? document.getElementById(location.hash.slice(1)) : null;
  if (!place) return;
  if (place.id === 'password') $('password-details').open = true;
  place.scrollIntoView();
}

async function start() {
  const here = location.pathname + location.search + location.hash;
  const found = await findSession();
  if (!found || found.stage === 'pending') {
    toSignIn('', here);
    return;
  }
  if (found.stage === 'enrolment' && location.hash !== '#password') {
    location.replace('/enrol');
    return;
  }
  addPasswordToggles();
  bind();
  await load();
  goToHash();
}

start();
