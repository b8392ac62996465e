// Vestibule: one team. Every member sees it; the role in it decides what a member may change.

import { part } from '../base/api.js';
import { call } from '../base/session.js';
import { $, el, moment, nameOf } from '../base/ui.js';
import { confirmAct, formDialog, withFreshCode } from '../parts/ask.js';
import { everybody, isActive } from '../parts/directory.js';
import { isActing, isManager, isSuperAdmin, me, onAct, parameter, startPage } from '../parts/shell.js';

const id = parameter('id');
const path = /** @type {const} */ (`/teams/${encodeURIComponent(id)}`);
const box = $('page-problem');
/** @type {Api.Team} */
let team = null;
/** @type {string | null} */
let cursor = null;

/** Administrators manage every team, the support team only as a Super Admin; Owners their own. */
const owns = () => team.role === 'Owner' || (!isActing() && isManager() && (isSuperAdmin() || !team.support));
const manages = () => owns() || team.role === 'Manager';

async function showTeam() {
  team = await call('GET', path);
  document.title = `${team.name} – Vestibule`;
  $('name').textContent = team.name;
  $('badges').replaceChildren(
    ...(team.support ? [el('span', { class: 'badge on' }, 'Support team')] : []),
    ...(team.role ? [el('span', { class: 'badge' }, `You are ${team.role}`)] : []));
  $('back').replaceChildren(isManager() ? el('a', { href: '/admin/teams' }, 'All teams') : el('a', { href: '/' }, 'Your account'));
  $('add').hidden = !(owns() && isManager() && !isActing());
  $('invite').hidden = !manages();
  $('rename').hidden = !owns();
  $('mark').hidden = team.support || isActing() || !isSuperAdmin();
  $('delete').hidden = !owns() || team.support;
  $('leave').hidden = !team.role || isActing();
}

async function showMembers({ more = false } = {}) {
  const page = await call('GET', `${path}/members?limit=100${more ? `&cursor=${encodeURIComponent(cursor)}` : ''}`);
  cursor = page.nextCursor;
  $('more').hidden = cursor === null;
  const rows = page.members.map(row);
  if (more) $('members').append(...rows);
  else $('members').replaceChildren(...rows);
}

/** @param {Api.TeamMember} member */
function row(member) {
  const name = nameOf(member);
  const mine = member.userId === me.id;
  const title = isManager() ? el('a', { class: 'name', href: `/admin/person?id=${member.userId}` }, name) : el('span', { class: 'name' }, name);
  const about = el('div', {}, title, mine ? ' (you)' : '', el('p', { class: 'hint' }, `${member.email}, since `, moment(member.since)));
  const roles = ['Viewer', 'Manager', ...(owns() ? ['Owner'] : [])];
  const mayChange = owns() || (manages() && member.role === 'Viewer');
  if (!mayChange) return el('li', {}, about, el('span', { class: 'badge' }, member.role));

  const select = el('select', { class: 'small', 'aria-label': `Role of ${name}` }, ...roles.map((role) => el('option', { selected: role === member.role }, role)));
  select.addEventListener('change', async () => {
    box.replaceChildren();
    try {
      const changed = await withFreshCode(() => call('PATCH', `${path}/members/${member.userId}`, { role: select.value }));
      if (!changed) {
        select.value = member.role;
        return;
      }
      $('page-status').textContent = `${name} is ${select.value} now.`;
      await Promise.all([showTeam(), showMembers()]);
      $('members').querySelector(`[aria-label="Role of ${CSS.escape(name)}"]`)?.focus();
    } catch (error) {
      select.value = member.role;
      box.append(el('strong', {}, error.message), ' ', error.description ?? '');
    }
  });
  const remove = el('button', { type: 'button', class: 'small danger', 'aria-label': `Remove ${name}` }, 'Remove');
  onAct(remove, box, async () => {
    const sure = await confirmAct({ title: `Remove ${name} from ${team.name}?`, text: 'They no longer see the team. Their account, its sessions and other teams stay.', yes: 'Remove' });
    if (!sure) return;
    const removed = await withFreshCode(() => call('DELETE', `${path}/members/${member.userId}`));
    if (!removed) return;
    await Promise.all([showTeam(), showMembers()]);
    $('page-status').textContent = `${name} was removed.`;
    $('members-title').focus();
  });
  return el('li', {}, about, el('div', { class: 'actions' }, select, ...(mine ? [] : [remove])));
}

if (!/^\d+$/.test(id)) location.replace('/');
onAct($('more'), box, () => showMembers({ more: true }));

onAct($('invite'), box, async () => {
  const { invite } = await part(() => import('../parts/invite.js'));
  await invite({ place: $('link'), team, roles: ['Viewer', 'Manager', ...(owns() ? ['Owner'] : [])] });
});

onAct($('add'), box, async () => {
  const [people, { members }] = await Promise.all([everybody(), call('GET', `${path}/members?limit=500`)]);
  const inside = new Set(members.map((member) => member.userId));
  const others = people.filter((person) => isActive(person) && !inside.has(person.id));
  if (others.length === 0) throw Object.assign(new Error('Everybody is in this team already.'), { description: 'Invite somebody new instead.' });
  const added = await formDialog({
    title: `Add a member to ${team.name}`,
    yes: 'Add',
    fields: [
      el('label', { for: 'add-who' }, 'Who'),
      el('select', { id: 'add-who', autofocus: true }, ...others.map((person) => el('option', { value: person.id }, `${nameOf(person)}, ${person.email}`))),
      el('label', { for: 'add-role' }, 'Role'),
      el('select', { id: 'add-role' }, ...['Viewer', 'Manager', 'Owner'].map((role) => el('option', {}, role))),
    ],
    work: (value) => {
      const body = { userId: Number(value('add-who')), role: $('add-role').value };
      return withFreshCode(() => call('POST', `${path}/members`, body));
    },
  });
  if (!added) return;
  await Promise.all([showTeam(), showMembers()]);
  $('page-status').textContent = `${nameOf(added)} was added.`;
});

onAct($('rename'), box, async () => {
  const done = await formDialog({
    title: 'Rename the team',
    yes: 'Rename',
    fields: [el('label', { for: 'new-name' }, 'Name'), el('input', { id: 'new-name', type: 'text', value: team.name, autocomplete: 'off', required: true, autofocus: true })],
    work: (value) => call('PATCH', path, { name: value('new-name') }),
  });
  if (done) await showTeam();
});

onAct($('mark'), box, async () => {
  const sure = await confirmAct({
    title: `Make ${team.name} the support team?`,
    text: 'From now on the Admins and Super Admins in it may act as other people. The team that was the support team before is an ordinary one, and acting as somebody from there ends at once.',
    yes: 'Make it the support team',
  });
  if (!sure) return;
  const marked = await withFreshCode(() => call('PATCH', path, { support: true }));
  if (!marked) return;
  await showTeam();
  $('page-status').textContent = `${team.name} is the support team now.`;
  $('name').focus();
});

onAct($('leave'), box, async () => {
  const sure = await confirmAct({ title: `Leave ${team.name}?`, text: 'You no longer see the team; only its Owners or an administrator can take you in again.', yes: 'Leave' });
  if (!sure) return;
  await call('DELETE', `${path}/members/${me.id}`);
  location.replace('/');
});

onAct($('delete'), box, async () => {
  const sure = await confirmAct({ title: `Delete ${team.name}?`, text: 'The team and all its memberships are gone for good. The accounts of its members stay.', yes: 'Delete' });
  if (!sure) return;
  await call('DELETE', path);
  location.replace(isManager() ? '/admin/teams' : '/');
});

startPage(async () => {
  await showTeam();
  await showMembers();
});
