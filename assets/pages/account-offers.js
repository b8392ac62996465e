// Vestibule: on the account page: the teams that the user is invited to join, each with the two answers.

import { call } from '../base/session.js';
import { $, el, moment } from '../base/ui.js';
import { confirmAct, withFreshCode } from '../parts/ask.js';
import { onAct } from '../parts/shell.js';

/**
 * Shows the invitations; `reload` shows the page again after an answer.
 * @param {Api.OwnInvitation[]} offers @param {() => Promise<void>} reload
 */
export function showOffers(offers, reload) {
  $('offers').hidden = false;
  $('offer-list').replaceChildren(...offers.map((offer) => row(offer, reload)));
}

/** @param {Api.OwnInvitation} offer @param {() => Promise<void>} reload */
function row({ id, team, role, invitedBy, expiresAt }, reload) {
  const about = el('div', {}, el('strong', {}, team.name), ` as ${role}`, team.support ? ', the support team' : '',
    el('p', { class: 'hint' }, `Invited by ${invitedBy.name || 'somebody'}. Open until `, moment(expiresAt), '.'));
  const join = el('button', { type: 'button', class: 'small primary', 'aria-label': `Join ${team.name}` }, 'Join');
  const decline = el('button', { type: 'button', class: 'small', 'aria-label': `Decline ${team.name}` }, 'Decline');

  onAct(join, $('page-problem'), () => answered(async () => {
    const done = await withFreshCode(() => call('POST', `/auth/me/invitations/${id}/accept`));
    return done && `You are in ${team.name} now.`;
  }, reload));
  onAct(decline, $('page-problem'), () => answered(async () => {
    const sure = await confirmAct({
      title: `Decline ${team.name}?`,
      text: 'The invitation goes off this page. Nobody is told, and you can be invited again.',
      yes: 'Decline',
    });
    if (!sure) return '';
    await call('POST', `/auth/me/invitations/${id}/decline`);
    return `You declined ${team.name}.`;
  }, reload));
  return el('li', {}, about, el('div', { class: 'actions' }, join, decline));
}

/**
 * Answers, and shows the page again with the words that `answer` returned; nothing if it was left.
 * @param {() => Promise<string>} answer @param {() => Promise<void>} reload
 */
async function answered(answer, reload) {
  $('page-status').textContent = '';
  let words;
  try {
    words = await answer();
  } catch (error) {
    if (error.code !== 'NOT_FOUND') throw error;
    await reload();
    $('greeting').focus();
    throw Object.assign(error, { message: 'This invitation is no longer open.', description: 'It was withdrawn, or its time is over.' });
  }
  if (!words) return;
  await reload();
  $('greeting').focus();
  $('page-status').textContent = words;
}
