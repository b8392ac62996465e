// Vestibule: one account as administrators see it.

import { call } from '../base/session.js';
import { $, count, el, moment, nameOf } from '../base/ui.js';
import { isActive, marksOf, namesIn } from '../parts/directory.js';
import { eventRow, eventsBefore } from '../parts/events.js';
import { parameter, startPage } from '../parts/shell.js';
import { bindActs, showActs } from './person-acts.js';

const id = parameter('id');
/** @type {Api.Account} */
let person = null;

async function showPerson() {
  person = await call('GET', `/users/${encodeURIComponent(id)}`);
  const name = nameOf(person);
  document.title = `${name} – Vestibule`;
  $('name').textContent = name;
  $('email').textContent = person.email;
  $('badges').replaceChildren(...marksOf(person).map(([kind, words]) => el('span', { class: `badge ${kind}` }, words)));
  const facts = [
    ['Roles', person.roles.join(', ')],
    ['Second factor', factor()],
    ...(person.isTwoFactorEnable ? [['Recovery codes', `${count(person.recoveryCodesLeft, 'code', 'codes')} left`]] : []),
    ['Password', person.mustChangePassword ? 'Must be changed at the next sign-in: somebody else has entered it' : 'In use'],
    ['Added', moment(person.createdAt)],
    ...(person.archivedAt ? [['Archived', moment(person.archivedAt)]] : []),
  ];
  $('facts').replaceChildren(...facts.flatMap(([term, value]) => [el('dt', {}, term), el('dd', {}, value)]));
  showActs();
}

function factor() {
  if (!person.isTwoFactorEnable) return isActive(person) ? 'Off: the password alone opens this account' : 'Off';
  return person.isTwoFactorLocked ? 'Locked after too many wrong codes. A recovery code still opens it, or a reset' : 'On';
}

async function showEvents() {
  const { events } = await eventsBefore(null, 10, `user=${encodeURIComponent(id)}`);
  const names = await namesIn(events);
  $('all-events').href = `/admin/audit?user=${id}`;
  $('events').replaceChildren(...events.map((event) => eventRow(event, names)));
}

if (!/^\d+$/.test(id)) location.replace('/admin/people');
bindActs(() => person, () => Promise.all([showPerson(), showEvents()]));
startPage(async () => {
  await Promise.all([showPerson(), showEvents()]);
  if (parameter('ended')) {
    $('page-status').textContent = `You are yourself again. What was done as ${nameOf(person)} is in the audit log under both names.`;
    history.replaceState(null, '', `/admin/person?id=${id}`);
  }
}, { managers: true });
