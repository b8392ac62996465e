// Vestibule: the readiness board: who could be locked out, and what happens if a phone is lost today.

import { $, count, el, moment, nameOf } from '../base/ui.js';
import { everybody, isActive, isManagerRole } from '../parts/directory.js';
import { startPage } from '../parts/shell.js';

const FEW = 3;
/** @type {Api.Account[]} */
let people = [];

const superAdmins = () => people.filter((one) => one.roles.includes('Super Admin'));
/** @param {Api.Account} one */
const isReady = (one) => one.isTwoFactorEnable && !one.isTwoFactorLocked && one.recoveryCodesLeft > FEW;

/**
 * What is weak about an account, and what to do; null if nothing is.
 * @param {Api.Account} one @returns {(string | Node)[] | null}
 */
function weakness(one) {
  if (one.isTwoFactorLocked) return ['bad', 'Locked', 'Too many wrong codes: somebody knows the password. A recovery code lifts the lock, or a reset.'];
  if (!one.isTwoFactorEnable) {
    const due = one.graceUntil ? [' It is demanded from ', moment(one.graceUntil), '.'] : [];
    return ['bad', 'No second factor', 'The password alone opens this account. Ask them to set it up on their account page.', ...due];
  }
  if (one.recoveryCodesLeft === 0) return ['bad', 'No recovery code', 'If the phone is lost, only a reset helps. Ask them to make new codes.'];
  if (one.recoveryCodesLeft <= FEW) return ['mind', `${count(one.recoveryCodesLeft, 'recovery code', 'recovery codes')} left`, 'Ask them to make new ones on their account page.'];
  if (one.mustChangePassword) return ['mind', 'Must change password', 'It happens at their next sign-in.'];
  return null;
}

function showBoard() {
  const ready = people.filter(isReady).length;
  /** @param {number} number @param {string} words */
  const figure = (number, words, bad = false) => el('li', { class: bad && number > 0 ? 'bad' : '' }, el('strong', {}, String(number)), words);
  $('figures').replaceChildren(
    figure(ready, `of ${count(people.length, 'person is', 'people are')} ready`),
    figure(people.filter((one) => !one.isTwoFactorEnable).length, 'without a second factor', true),
    figure(people.filter((one) => one.isTwoFactorEnable && one.recoveryCodesLeft <= FEW).length, 'with few recovery codes', true),
    figure(people.filter((one) => one.isTwoFactorLocked).length, 'locked', true),
  );
  const rows = people.filter(weakness).map((one) => {
    const [kind, badge, ...text] = weakness(one);
    return el('li', {},
      el('div', {}, el('a', { class: 'name', href: `/admin/person?id=${one.id}` }, nameOf(one)), el('p', { class: 'hint' }, ...text)),
      el('span', { class: `badge ${kind}` }, badge));
  });
  if (superAdmins().length === 1) {
    rows.unshift(el('li', {},
      el('div', {}, el('strong', {}, 'There is one Super Admin only'), el('p', { class: 'hint' }, `If ${nameOf(superAdmins()[0])} is away, nobody else can reset a second factor. Make somebody else a Super Admin too.`)),
      el('span', { class: 'badge mind' }, 'One key')));
  }
  $('weak').replaceChildren(...(rows.length ? rows : [el('li', {}, el('p', { class: 'empty' }, 'Nothing: everybody has a second factor and recovery codes to spare.'))]));
}

/**
 * What happens if this person's phone is gone: their own way back, then who can help.
 * @param {Api.Account} one @returns {[kind: string, badge: string, steps: string[]]}
 */
function whatIf(one) {
  const name = nameOf(one);
  const helpers = superAdmins().filter((other) => other.id !== one.id && other.isTwoFactorEnable);
  const steps = [];
  if (!one.isTwoFactorEnable) {
    return ['mind', 'Nothing changes', [`${name} signs in with the password alone. So does anybody else who has it.`]];
  }
  const alone = one.recoveryCodesLeft > 0;
  if (alone) {
    steps.push(`${name} signs in with the password and one of the ${count(one.recoveryCodesLeft, 'recovery code', 'recovery codes')}, if it is at hand.`);
    steps.push('On the account page, “Move to a new phone” sets up the new one; codes from the lost phone stop working.');
  }
  const otherwise = alone ? 'Without a recovery code' : 'There is no recovery code';
  if (helpers.length > 0) {
    steps.push(`${otherwise}: ${list(helpers.map(nameOf))} can reset the second factor on ${name}’s page and hand over a link to start anew.`);
  } else {
    steps.push(`${otherwise}: no other Super Admin with a second factor is there to help. Only the operator can, on the machine, with “vestibule user reset-2fa ${one.email}”.`);
  }
  if (isManagerRole(one)) {
    const rest = people.filter((other) => other.id !== one.id && isManagerRole(other) && other.isTwoFactorEnable);
    steps.push(rest.length > 0 ? `Meanwhile ${list(rest.map(nameOf))} can look after the others.` : 'Meanwhile nobody looks after the others: there is no other administrator.');
  }
  if (alone) return ['on', 'Back in a few minutes', steps];
  return helpers.length > 0 ? ['mind', 'Needs help', steps] : ['bad', 'Locked out', steps];
}

/** @param {string[]} names */
function list(names) {
  const few = names.length > 3 ? [...names.slice(0, 3), `${names.length - 3} others`] : names;
  return few.length > 1 ? `${few.slice(0, -1).join(', ')} or ${few.at(-1)}` : few[0];
}

function showAnswer() {
  const one = people.find((person) => String(person.id) === $('who-loses').value);
  if (!one) {
    $('answer').replaceChildren();
    return;
  }
  const [kind, badge, steps] = whatIf(one);
  $('answer').replaceChildren(el('p', {}, el('span', { class: `badge ${kind}` }, badge)), el('ul', {}, ...steps.map((step) => el('li', {}, step))));
}

$('who-loses').addEventListener('change', showAnswer);
$('what-if').addEventListener('submit', (/** @type {Event} */ event) => event.preventDefault());

startPage(async () => {
  people = (await everybody()).filter(isActive);
  $('who-loses').replaceChildren(el('option', { value: '' }, 'Choose somebody'),
    ...people.map((one) => el('option', { value: one.id }, `${nameOf(one)}, ${one.email}`)));
  showBoard();
}, { managers: true });
