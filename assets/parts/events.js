// Vestibule: audit events in words.

import { call } from '../base/session.js';
import { el, moment } from '../base/ui.js';

/** One request searches a limited number of rows for those that a filter wants: so many requests at most. */
const LOOKS = 20;

/**
 * What each kind of event means; `{who}` is the account it is about. A page that is older than the service shows the name
 * of a kind that it does not know.
 * @type {Record<string, string>}
 */
export const WORDS = {
  'sign_ins.paused': 'Sign-ins were paused',
  'sign_ins.resumed': 'Sign-ins were resumed',
  'instance.created': 'The service was made',
  'set_up.link_made': 'A set-up link was made',
  'set_up.claimed': '{who} claimed the service',
  'sign_in.password_accepted': '{who} gave the right password',
  'sign_in.password_refused': 'Wrong password for {who}',
  'sign_in.finished': '{who} signed in',
  'code.stepped_up': '{who} gave a fresh code',
  'code.refused': 'Wrong code for {who}',
  'code.replayed': 'A used code was tried again for {who}',
  'recovery_code.used': '{who} used a recovery code',
  'recovery_code.renewed': '{who} made new recovery codes',
  'second_factor.enrolment_started': '{who} began to set up a second factor',
  'second_factor.enabled': '{who} switched the second factor on',
  'second_factor.replaced': '{who} moved to a new phone',
  'second_factor.disabled': '{who} switched the second factor off',
  'second_factor.reset': 'The second factor of {who} was reset',
  'second_factor.locked': 'The second factor of {who} was locked',
  'second_factor.unlocked': 'The second factor of {who} was unlocked',
  'password.changed': '{who} changed the password',
  'password.set': 'The password of {who} was set',
  'session.refresh_reused': 'An old token of {who} was used again; the session ended',
  'session.signed_out': '{who} signed out',
  'user.created': '{who} was added',
  'user.roles_set': 'The roles of {who} were set',
  'user.archived': '{who} was archived',
  'user.restored': '{who} was restored',
  'signing_key.made': 'A signing key was made',
  'user.changed': 'The account of {who} was edited',
  'user.signed_up': '{who} signed up',
  'user.profile_changed': '{who} edited their own profile',
  'password.link_made': 'A link for a new password was made for {who}',
  'password.restored': '{who} set a new password with a link',
  'invitation.made': 'An invitation was made',
  'invitation.withdrawn': 'An invitation was withdrawn',
  'invitation.accepted': '{who} accepted an invitation',
  'invitation.declined': '{who} declined an invitation',
  'team.created': 'A team was made',
  'team.changed': 'A team was changed',
  'team.deleted': 'A team was deleted',
  'team.member_added': '{who} became a member of a team',
  'team.member_changed': 'The team role of {who} was changed',
  'team.member_removed': '{who} left a team',
  'session.ended': 'A session of {who} was ended',
  'impersonation.started': 'Somebody began to act as {who}',
  'impersonation.ended': 'Acting as {who} ended',
  'impersonation.refused': 'Acting as {who} was refused',
  'audit.pruned': 'Months of the audit log that are no longer kept were cut off',
};

/**
 * Up to `limit` events from `before` back, the newest first, and where to go on (null at the beginning).
 * @param {number | null} before @param {number} limit
 */
export async function eventsBefore(before, limit, filter = '') {
  /** @type {Api.AuditEvent[]} */
  const events = [];
  let previous = before;
  /** @type {Api.AuditHead} */
  let head = null;
  for (let look = 0; look < LOOKS; look += 1) {
    const from = previous ? `&before=${previous}` : '';
    const page = await call('GET', `/audit?limit=${limit - events.length}${from}${filter && `&${filter}`}`);
    events.push(...page.events.reverse());
    head ??= page.head;
    previous = page.previous;
    if (previous === null || events.length >= limit) break;
  }
  return { events, previous, head };
}

/**
 * One sentence; `names` gives the names by id.
 * @param {Api.AuditEvent} event @param {Map<string, string>} names
 */
export function sentence(event, names) {
  const who = event.userId == null ? 'somebody' : names.get(String(event.userId)) ?? `account ${event.userId}`;
  const words = WORDS[event.action];
  if (words) return words.replace('{who}', who);
  const plain = event.action.replaceAll('_', ' ').replace('.', ': ');
  return `${plain[0].toUpperCase()}${plain.slice(1)}${event.userId == null ? '' : ` (${who})`}`;
}

/** @param {Api.AuditEvent} event @param {Map<string, string>} names */
function actor({ actor: by, userId }, names) {
  /** @param {number} id */
  const name = (id) => names.get(String(id)) ?? `account ${id}`;
  switch (by?.kind) {
    case 'user': return by.id === userId ? '' : `by ${name(by.id)}`;
    case 'impersonator': return `by ${name(by.id)}, acting as ${name(by.as)}`;
    case 'operator': return `by the operator ${by.name}`;
    case 'service': return 'by the service';
    default: return '';
  }
}

/** Nearly everything comes from this machine, so that is not shown. */
const HERE = ['', null, undefined, '127.0.0.1', '::1', 'socket'];

/**
 * A row of a list of events.
 * @param {Api.AuditEvent} event @param {Map<string, string>} names
 */
export function eventRow(event, names) {
  const aside = [actor(event, names), event.detail, HERE.includes(event.address) ? '' : `from ${event.address}`].filter(Boolean).join(' · ');
  return el('li', { 'data-number': event.number },
    el('div', {}, el('span', {}, sentence(event, names)), ...(aside ? [el('p', { class: 'hint' }, aside)] : [])),
    el('span', { class: 'hint' }, moment(event.at)));
}
