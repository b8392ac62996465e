// Vestibule: all accounts at once, for the pages that need names or an overview.

import { nothing } from '../base/api.js';
import { call } from '../base/session.js';
import { nameOf } from '../base/ui.js';

const PAGE = 500;

/** Every account, archived ones too. */
export async function everybody() {
  /** @type {Api.Account[]} */
  const people = [];
  for (let cursor = ''; cursor !== null;) {
    const page = await call('GET', `/users?limit=${PAGE}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`);
    people.push(...page.users);
    cursor = page.nextCursor;
  }
  return people;
}

/**
 * Names by id, to put into sentences.
 * @param {Api.Account[]} people
 */
export const namesOf = (people) => new Map(people.map((person) => [String(person.id), nameOf(person)]));

/**
 * The names of the accounts that these events name.
 * @param {Api.AuditEvent[]} events
 */
export async function namesIn(events) {
  const ids = new Set(events.flatMap(({ userId, actor }) => [userId, actor?.id, actor?.as]).filter((id) => id != null));
  const found = await Promise.all([...ids].map((id) => call('GET', `/users/${id}`).catch(nothing)));
  return namesOf(found.filter(Boolean));
}

/** @param {Api.Account} person */
export const isActive = (person) => person.status === 'active';
/** @param {Api.Account} person */
export const isManagerRole = (person) => person.roles.some((role) => role !== 'User');

/**
 * The badges of an account: kind and words of each.
 * @param {Api.Account} person @returns {string[][]}
 */
export function marksOf(person) {
  const marks = person.roles.filter((role) => role !== 'User').map((role) => ['', role]);
  if (!isActive(person)) return [...marks, ['', 'Archived']];
  if (person.isTwoFactorLocked) marks.push(['bad', 'Locked']);
  if (person.mustChangePassword) marks.push(['mind', 'Must change password']);
  if (!person.isTwoFactorEnable) marks.push(['mind', 'No second factor']);
  else if (person.recoveryCodesLeft <= 3) marks.push(['mind', `${person.recoveryCodesLeft} recovery codes`]);
  else marks.push(['on', 'Second factor on']);
  return marks;
}
