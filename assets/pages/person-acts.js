// Vestibule: what an administrator can do for an account, each act with what it ends, or why it cannot be done. The
// acts themselves are fetched with the first of them.

import { part } from '../base/api.js';
import { $, el } from '../base/ui.js';
import { isActive, isManagerRole } from '../parts/directory.js';
import { isSuperAdmin, me, onAct } from '../parts/shell.js';

/** @typedef {keyof typeof import('./person-dialogs.js')} Act */

/** @type {() => Api.Account} */
let person = () => null;
/** @type {() => Promise<unknown>} */
let reload = async () => {};

/** Whether the user may change this account at all. */
const mayManage = () => isSuperAdmin() || !isManagerRole(person());
const isMe = () => person().id === me.id;

/** Lists the acts with what each of them ends; those that are not allowed say why. */
export function showActs() {
  const active = isActive(person());
  $('edit').hidden = !mayManage();
  $('roles').hidden = !isSuperAdmin();
  const refused = !mayManage() && 'Only a Super Admin may change this account.';
  const yourself = isMe() && 'For yourself, use your account page.';
  /** @type {[title: string, text: string, name: string, act: Act, why: string | boolean][]} */
  const acts = [
    ['Forgot the password', 'A link for a new one. All sessions end when it is used.', 'Make a link', 'resetPassword', refused || yourself || !active],
    ['Lost the phone', 'Takes off the second factor and voids the password. All sessions end at once.', 'Reset', 'resetFactor',
      yourself || !active || (!isSuperAdmin() && 'Only a Super Admin may reset a second factor.')],
    ['Needs a hand', 'See what they see: act as this person for up to 30 minutes. They are told.', 'Act as', 'impersonate', yourself || !active || noImpersonation()],
    active
      ? ['Has left', 'Archiving ends all sessions and closes both doors. It can be undone.', 'Archive', 'archive', refused || (isMe() && 'You cannot archive yourself.')]
      : ['Comes back', 'They can sign in again, with the password and the second factor of before.', 'Restore', 'restore', refused],
  ];
  $('acts').replaceChildren(...acts.filter(([, , , , why]) => why !== true).map(([title, text, name, act, why]) => {
    const about = el('div', {}, el('strong', {}, title), el('p', { class: 'hint' }, why || text));
    if (why) return el('li', {}, about);
    const ends = name === 'Reset' || name === 'Archive';
    const button = el('button', { type: 'button', class: ends ? 'small danger' : 'small', 'aria-label': `${name}: ${title}` }, name);
    bind(button, act);
    return el('li', {}, about, button);
  }));
}

function noImpersonation() {
  const target = person();
  if (target.roles.includes('Super Admin')) return 'Nobody can act as a Super Admin.';
  if (isManagerRole(target) && !isSuperAdmin()) return 'Only a Super Admin can act as an Admin.';
  if (target.impersonationAllowed === false) return 'This person has forbidden that others act as them.';
  if (!me.teams.some((team) => team.support)) return 'To act as somebody, you have to be in the support team.';
  if (!me.isTwoFactorEnable) return 'To act as somebody, you need a second factor yourself.';
  return false;
}

/** @param {HTMLElement} button @param {Act} act */
const bind = (button, act) => onAct(button, $('page-problem'), async () => (await part(() => import('./person-dialogs.js')))[act](person(), reload));

/**
 * The edit and role buttons, which are always there.
 * @param {() => Api.Account} getPerson @param {() => Promise<unknown>} refresh
 */
export function bindActs(getPerson, refresh) {
  person = getPerson;
  reload = refresh;
  bind($('edit'), 'edit');
  bind($('roles'), 'roles');
}
