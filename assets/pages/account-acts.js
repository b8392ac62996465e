// Vestibule: the acts on the account page. Each takes a function that loads the page again.

import { call, renew, session, signOut } from '../base/session.js';
import { $, el } from '../base/ui.js';
import { confirmAct, formDialog, withFreshCode } from '../parts/ask.js';
import { showRecoveryCodes } from '../parts/recovery.js';
import { me, wentElsewhere } from '../parts/shell.js';

/** @param {() => Promise<unknown>} reload */
export async function switchOff(reload) {
  $('factor-status').textContent = '';
  const sure = await confirmAct({
    title: 'Switch off your second factor?',
    text: 'Your password alone will open your account. The entry in your app and all recovery codes stop working, and your other sessions end.',
    yes: 'Switch off',
  });
  if (!sure) return;
  const answer = await withFreshCode(() => call('POST', '/2fa/disable-two-factor-auth'));
  if (!answer) return;
  await reload();
  $('factor-status').textContent = answer.description;
}

/** @param {() => Promise<unknown>} reload */
export async function newCodes(reload) {
  $('factor-status').textContent = '';
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
    await reload();
    $('new-codes').focus();
  });
  $('codes').querySelector('button').focus();
}

/** @param {() => Promise<unknown>} reload */
export async function changePassword(reload) {
  $('password-status').textContent = '';
  const body = { currentPassword: $('current-password').value, newPassword: $('new-password').value };
  try {
    const answer = await withFreshCode(() => call('POST', '/auth/change-password', body));
    if (!answer) return;
    if (answer.accessToken) renew(answer, session()?.stage);
    $('password-form').reset();
    $('password-details').open = false;
    $('password-title').focus();
    await reload();
    $('password-status').textContent = `${answer.message}. ${answer.description}`;
  } catch (error) {
    if (wentElsewhere(error)) return;
    const input = error.code === 'WEAK_PASSWORD' ? $('new-password') : $('current-password');
    input.focus();
    input.select();
    if (error.code !== 'INVALID_CREDENTIALS') throw error;
    throw Object.assign(error, { message: 'The current password is wrong.', description: 'Check it and try again.' });
  }
}

/** @param {() => Promise<unknown>} reload */
export async function editName(reload) {
  /** @param {string} id @param {string} label @param {string} value @param {string} autocomplete */
  const field = (id, label, value, autocomplete) => [el('label', { for: id }, label), el('input', { id, type: 'text', value, autocomplete })];
  const done = await formDialog({
    title: 'Edit your name',
    yes: 'Save',
    fields: [...field('my-first', 'First name', me.firstName, 'given-name'), ...field('my-last', 'Last name', me.lastName, 'family-name')],
    work: (value) => call('PATCH', '/auth/me', { firstName: value('my-first'), lastName: value('my-last') }),
  });
  if (done) await reload();
}

export async function signOutEverywhere() {
  const sure = await confirmAct({
    title: 'Sign out everywhere?',
    text: 'Every session of your account ends, on every device, this one included.',
    yes: 'Sign out everywhere',
  });
  if (sure) await signOut({ everywhere: true });
}
