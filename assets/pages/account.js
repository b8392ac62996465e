// Vestibule: the account page: who is signed in, second factor, password, notices, sessions, impersonation, signing out.

import { part } from '../base/api.js';
import { call, signOut } from '../base/session.js';
import { $, el, moment, nameOf, onSubmit, showProblem } from '../base/ui.js';
import { isActing, loadMe, me, onAct, startPage, wentElsewhere } from '../parts/shell.js';
import { bindImpersonation, showSessions } from './account-sessions.js';

async function load() {
  const status = await call('GET', '/2fa/status');
  showPerson();
  showNotices(isActing() ? [] : me.notices ?? []);
  showFactor(status);
  showProfile();
  if (isActing()) return;
  try {
    await Promise.all([showOffers(), showSessions()]);
  } catch (error) {
    // This call also finds out that a password change is demanded: `me` and `status` answer all the same.
    refused(error);
  }
}

/** The teams that the user is invited to join. What shows them is fetched where there are any. */
async function showOffers() {
  const { invitations } = await call('GET', '/auth/me/invitations');
  if (invitations.length === 0) $('offers').hidden = true;
  else (await part(() => import('./account-offers.js'))).showOffers(invitations, reload);
}

async function reload() {
  await loadMe();
  await load();
}

/**
 * Shows what was refused, or goes where it can be put right.
 * @param {import('../base/api.js').ApiError} error
 */
function refused(error) {
  if (error.code === 'PASSWORD_CHANGE_REQUIRED') {
    $('content').hidden = false;
    $('password-details').open = true;
    showProblem($('password-problem'), error);
    $('current-password').focus();
    return;
  }
  if (error.code === 'ENROLMENT_REQUIRED' && location.hash === '#password') return;
  if (!wentElsewhere(error)) showProblem($('page-problem'), error);
}

function showPerson() {
  $('greeting').textContent = me.firstName ? `Hello, ${me.firstName}` : 'Your account';
  const roles = (me.roles ?? []).filter((role) => role !== 'User');
  $('about-me').textContent = [me.email, ...roles].join(' · ');
  $('password-username').value = me.email;
  if (isActing()) {
    for (const part of ['password', 'factor-on', 'factor-off', 'edit-name', 'leave']) $(part)?.remove();
  }
}

function showProfile() {
  $('my-name').textContent = nameOf(me);
  const rows = (me.teams ?? []).map((team) => el('li', { class: 'keep' },
    el('a', { class: 'name', href: `/team?id=${team.id}` }, team.name), el('span', { class: 'badge' }, team.role)));
  $('my-teams').replaceChildren(...(rows.length ? rows : [el('li', { class: 'hint' }, 'You are in no team. When somebody invites you to one, the invitation is shown on this page.')]));
}

/** @param {Api.OwnNotice[]} notices */
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
        el('strong', {}, notice.message),
        ...(notice.at ? [el('p', { class: 'hint' }, moment(notice.at))] : [])),
      button);
  }));
  if (hadFocus) ($('notices').hidden ? $('greeting') : $('notice-list').querySelector('button')).focus();
}

/** @param {number[]} ids */
async function dismiss(ids) {
  await call('POST', '/auth/me/notices/dismiss', { ids });
  me.notices = me.notices.filter((notice) => !ids.includes(notice.id));
  showNotices(me.notices);
}

/** @param {Api.FactorStatus} status */
function showFactor(status) {
  const on = status.isTwoFactorEnable;
  $('factor-badge').textContent = on ? 'On' : 'Off';
  $('factor-badge').classList.toggle('on', on);
  if (!isActing()) {
    $('factor-on').hidden = !on || !$('codes').hidden;
    $('factor-off').hidden = on;
  }
  if (on) {
    const since = status.enabledAt ? ['On since ', moment(status.enabledAt), '. '] : [];
    $('factor-text').replaceChildren(...since, 'Signing in takes your password and a code from your phone.');
  } else {
    $('factor-text').textContent = status.required
      ? 'You are required to have a second factor. Set it up while your password alone still lets you in.'
      : 'Your password alone opens your account. With a second factor, a stolen password is not enough.';
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

/** The acts are fetched with the first of them. */
function bind() {
  /** @param {keyof typeof import('./account-acts.js')} name */
  const act = (name) => async () => (await part(() => import('./account-acts.js')))[name](reload);
  onAct($('dismiss-all'), $('page-problem'), () => dismiss(me.notices.map((notice) => notice.id)));
  onAct($('switch-off'), $('factor-problem'), act('switchOff'));
  onAct($('new-codes'), $('factor-problem'), act('newCodes'));
  onSubmit($('password-form'), $('password-problem'), act('changePassword'));
  onAct($('edit-name'), $('profile-problem'), act('editName'));
  bindImpersonation(reload);
  onAct($('sign-out'), $('page-problem'), () => signOut());
  onAct($('sign-out-everywhere'), $('page-problem'), act('signOutEverywhere'));
}

/** `/#password` and the like: the place is hidden while the page loads, so the page goes there afterwards. */
function goToHash() {
  const place = location.hash.length > 1 ? document.getElementById(location.hash.slice(1)) : null;
  if (!place) return;
  if (place.id === 'password') $('password-details').open = true;
  place.scrollIntoView();
}

$('password-details').addEventListener('toggle', async () => (await import('../parts/steps.js')).addPasswordToggles(), { once: true });
if (!isActing()) bind();
startPage(async () => {
  await load();
  $('content').hidden = false;
  goToHash();
}, { enrolment: location.hash === '#password' });
