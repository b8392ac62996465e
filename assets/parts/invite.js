// Vestibule: the dialog that invites somebody, from the list of people or from a team.

import { call } from '../base/session.js';
import { el } from '../base/ui.js';
import { formDialog, withFreshCode } from './ask.js';
import { showLink } from './link-sheet.js';

/** Said in any case: the service does not tell who has an account. */
const HAS_ACCOUNT = 'It is for somebody new: people with an account here find the invitation on their account page.';

/** @param {string} id @param {string} label */
const field = (id, label, props = {}) => [el('label', { for: id }, label), el('input', { id, type: 'text', autocomplete: 'off', ...props })];

/**
 * Asks whom to invite, to one of `teams` or to `team`. The link is shown in `place`.
 * @param {{ place: HTMLElement, teams?: Api.Team[], team?: Api.Team, roles?: string[] }} about
 */
export async function invite({ place, teams = [], team = null, roles = ['Viewer', 'Manager', 'Owner'] }) {
  const choose = el('select', { id: 'invite-team' }, el('option', { value: '' }, 'No team yet'),
    ...teams.map((one) => el('option', { value: one.id }, one.name)));
  const role = el('select', { id: 'invite-role' }, ...roles.map((name) => el('option', {}, name)));
  const roleFields = [el('label', { for: 'invite-role' }, 'Role in the team'), role];
  const hideRole = () => roleFields.forEach((node) => { node.hidden = !team && choose.value === ''; });
  choose.addEventListener('change', hideRole);
  hideRole();

  const answer = await formDialog({
    title: team ? `Invite somebody to ${team.name}` : 'Invite somebody',
    yes: 'Invite',
    fields: [
      el('p', { class: 'hint' }, team
        ? 'If they have an account here, they find the invitation on their account page. If not, they make one with the link that you get.'
        : 'You get a link for them. With it they choose a password and set up their second factor.'),
      ...field('invite-email', 'E-mail', { inputmode: 'email', autocapitalize: 'none', spellcheck: 'false', required: true, autofocus: true }),
      el('div', { class: 'pair' }, el('div', {}, ...field('invite-first', 'First name')), el('div', {}, ...field('invite-last', 'Last name'))),
      ...(team || teams.length === 0 ? [] : [el('label', { for: 'invite-team' }, 'Team'), choose]),
      ...(team || teams.length > 0 ? roleFields : []),
    ],
    work: async (value) => {
      const teamId = team?.id ?? (Number(choose.value) || null);
      const body = {
        email: value('invite-email'),
        ...(value('invite-first') && { firstName: value('invite-first') }),
        ...(value('invite-last') && { lastName: value('invite-last') }),
        ...(teamId && { teamId, role: role.value }),
      };
      const link = await withFreshCode(() => call('POST', '/invitations', body));
      return link ? { ...link, email: body.email, toTeam: teamId !== null } : false;
    },
  });
  if (!answer) return false;
  showLink(place, { title: 'The invitation is ready', text: `Give this link to ${answer.email}, and to nobody else. ${answer.toTeam ? HAS_ACCOUNT : ''}`, ...answer });
  return true;
}
