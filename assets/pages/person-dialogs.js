// Vestibule: the acts on an account: edit, roles, links for a new start, archive, restore, act as it. Each takes the
// account and a function that loads the page again.

import { beginImpersonation, call } from '../base/session.js';
import { $, el, nameOf } from '../base/ui.js';
import { confirmAct, formDialog, withFreshCode } from '../parts/ask.js';
import { showLink } from '../parts/link-sheet.js';

/** @type {Api.Account['roles']} */
const ROLES = ['User', 'Admin', 'Super Admin'];

/** @param {Api.Account} person @param {() => Promise<unknown>} reload */
export async function edit(person, reload) {
  /** @param {string} id @param {string} label @param {string} value */
  const field = (id, label, value) => [el('label', { for: id }, label), el('input', { id, type: 'text', value, autocomplete: 'off' })];
  const { firstName, lastName, email } = person;
  const done = await formDialog({
    title: 'Edit name and e-mail',
    yes: 'Save',
    fields: [...field('edit-first', 'First name', firstName), ...field('edit-last', 'Last name', lastName), ...field('edit-email', 'E-mail, used to sign in', email)],
    work: (value) => withFreshCode(() => call('PATCH', `/users/${person.id}`, {
      firstName: value('edit-first'), lastName: value('edit-last'), email: value('edit-email'),
    })),
  });
  if (done) await told(reload, 'Saved.');
}

/** @param {Api.Account} person @param {() => Promise<unknown>} reload */
export async function roles(person, reload) {
  const boxes = ROLES.map((role) => el('input', { type: 'checkbox', value: role, checked: person.roles.includes(role) }));
  const done = await formDialog({
    title: `Roles of ${nameOf(person)}`,
    yes: 'Save roles',
    fields: [el('p', { class: 'hint' }, 'An Admin manages people and teams, but touches no Admin. A Super Admin may do everything. It counts at once.'),
      el('fieldset', {}, el('legend', { class: 'unseen' }, 'Roles'), ...boxes.map((box) => el('label', { class: 'check' }, box, box.value)))],
    work: async () => {
      const roles = boxes.filter((box) => box.checked).map((box) => box.value);
      if (roles.length === 0) throw Object.assign(new Error('At least one role is needed.'), { description: 'User is the least.' });
      return withFreshCode(() => call('PATCH', `/users/${person.id}`, { roles }));
    },
  });
  if (done) await told(reload, 'Roles saved.');
}

/** @param {() => Promise<unknown>} reload @param {string} words */
async function told(reload, words) {
  await reload();
  $('page-status').textContent = words;
  $('name').focus();
}

/** @param {Api.Account} person  */
export async function resetPassword(person) {
  const link = await withFreshCode(() => call('POST', `/users/${person.id}/reset-password`));
  if (!link) return;
  showLink($('link'), { title: 'A link for a new password', text: `Give this link to ${nameOf(person)}, and to nobody else. The second factor stays.`, ...link });
}

/** @param {Api.Account} person @param {() => Promise<unknown>} reload */
export async function resetFactor(person, reload) {
  const sure = await confirmAct({
    title: `Reset the second factor of ${nameOf(person)}?`,
    text: 'Their app entry and recovery codes stop working, the password is void, and all their sessions end at once. You get a link for them to start anew. Make sure that it is really they who ask.',
    yes: 'Reset',
  });
  if (!sure) return;
  const link = await withFreshCode(() => call('POST', `/users/${person.id}/reset-two-factor`));
  if (!link) return;
  await reload();
  showLink($('link'), { title: 'A link to start anew', text: `With it, ${nameOf(person)} sets a password and then a new second factor. Give it to nobody else.`, ...link });
}

/** @param {Api.Account} person @param {() => Promise<unknown>} reload */
export async function archive(person, reload) {
  const name = nameOf(person);
  const sure = await confirmAct({ title: `Archive ${name}?`, text: 'All their sessions end at once, and they cannot sign in until somebody restores them. Nothing is deleted.', yes: 'Archive' });
  if (!sure) return;
  const done = await withFreshCode(() => call('PATCH', '/users/archive', { ids: [person.id] }));
  if (done) await told(reload, `${done.message}. ${done.description}`);
}

/** @param {Api.Account} person @param {() => Promise<unknown>} reload */
export async function restore(person, reload) {
  const done = await withFreshCode(() => call('PATCH', '/users/restore', { ids: [person.id] }));
  if (done) await told(reload, `${done.message}. ${done.description}`);
}

/**
 * The teams that the person is in.
 * @param {Api.Account} person 
 */
async function teamsOf(person) {
  const { teams } = await call('GET', '/teams?limit=500');
  const found = await Promise.all(teams.map(async (team) => {
    const { members } = await call('GET', `/teams/${team.id}/members?limit=500`);
    return members.some((member) => member.userId === person.id) ? team : null;
  }));
  return found.filter(Boolean);
}

/** @param {Api.Account} target */
export async function impersonate(target) {
  const name = nameOf(target);
  const teams = await teamsOf(target);
  if (teams.length === 0) throw Object.assign(new Error(`${name} is in no team.`), { description: 'Acting as somebody happens within a team. Add them to one first.' });
  const answer = await formDialog({
    title: `Act as ${name}`,
    yes: `Act as ${name}`,
    fields: [
      el('p', {}, `For up to 30 minutes this tab is ${name}’s. They see who, when and why, and can end it. Everything you do is logged under both names.`),
      el('label', { for: 'as-team' }, 'In the team'),
      el('select', { id: 'as-team' }, ...teams.map((team) => el('option', { value: team.id }, team.name))),
      el('label', { for: 'as-reason' }, 'Reason, which they can read'),
      el('input', { id: 'as-reason', type: 'text', maxlength: '200', autocomplete: 'off', required: true, autofocus: true }),
      el('label', { for: 'as-code' }, 'Your own code, from your phone'),
      el('input', { id: 'as-code', class: 'code', type: 'text', inputmode: 'numeric', autocomplete: 'one-time-code', required: true }),
    ],
    work: async (value) => {
      try {
        return await call('POST', '/2fa/impersonate', {
          userId: target.id, teamId: Number(value('as-team')), code: value('as-code'), reason: value('as-reason'),
        });
      } catch (error) {
        if (error.code === 'INVALID_TWO_FACTOR_AUTH_CODE') $('as-code').select();
        throw error;
      }
    },
  });
  if (!answer) return;
  beginImpersonation(answer, { id: target.id, name, email: target.email });
  location.assign('/');
}
