// Vestibule: the list of teams, and making one.

import { call } from '../base/session.js';
import { $, count, el } from '../base/ui.js';
import { formDialog } from '../parts/ask.js';
import { onAct, startPage } from '../parts/shell.js';

async function showTeams() {
  /** @type {Api.Team[]} */
  const teams = [];
  for (let cursor = ''; cursor !== null;) {
    const page = await call('GET', `/teams?limit=100${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`);
    teams.push(...page.teams);
    cursor = page.nextCursor;
  }
  const rows = teams.map((team) => el('li', {},
    el('div', {}, el('a', { class: 'name', href: `/team?id=${team.id}` }, team.name), el('p', { class: 'hint' }, count(team.members, 'member', 'members'))),
    el('span', { class: 'badges' },
      ...(team.support ? [el('span', { class: 'badge on' }, 'Support team')] : []),
      ...(team.role ? [el('span', { class: 'badge' }, `You are ${team.role}`)] : []))));
  $('teams').replaceChildren(...rows);
  if (teams.length === 0) $('teams').append(el('li', {}, el('p', { class: 'empty' }, 'No team yet. Make the first one, then invite its people.')));
}

onAct($('make'), $('page-problem'), async () => {
  const team = await formDialog({
    title: 'Make a team',
    yes: 'Make the team',
    fields: [
      el('label', { for: 'team-name' }, 'Name'),
      el('input', { id: 'team-name', type: 'text', autocomplete: 'off', required: true, autofocus: true }),
      el('p', { class: 'hint' }, 'You become its Owner; you can hand it on.'),
    ],
    work: (value) => call('POST', '/teams', { name: value('team-name') }),
  });
  if (team) location.assign(`/team?id=${team.id}`);
});

startPage(showTeams, { managers: true });
