// Vestibule: the overview: what to do first, figures, the last events as they come, and whether the service is well.

import { clockOffset } from '../base/api.js';
import { call } from '../base/session.js';
import { $, el, icon } from '../base/ui.js';
import { everybody, isActive, isManagerRole, namesOf } from '../parts/directory.js';
import { eventRow } from '../parts/events.js';
import { showHealth } from '../parts/health.js';
import { every, me, startPage } from '../parts/shell.js';

const SHOWN = 8;
const POLL_MS = 5000;
let names = new Map();
let newest = 0;

/**
 * The first steps, until each is done.
 * @param {Api.Account[]} people @param {Api.Team[]} teams @param {Api.Invitation[]} invitations
 */
function showSteps(people, teams, invitations) {
  const active = people.filter(isActive);
  const managers = active.filter(isManagerRole);
  /** @type {[done: boolean, title: string, text: string, href?: string][]} */
  const steps = [
    [true, 'Make the first administrator', 'Done when the service was claimed.'],
    [me.isTwoFactorEnable, 'Set up your own second factor', 'Without it the password alone opens your account.', '/enrol'],
    [active.length > 1 || invitations.length > 0, 'Invite the people of your team', 'Each gets a link, chooses a password and sets up a second factor.', '/admin/people'],
    [managers.length > 1, 'Have a second administrator', 'If your phone is lost, somebody else can let you in again.', '/admin/people'],
    [teams.some((team) => !team.support), 'Make a team', 'Teams say who works with whom; their Owners invite by themselves.', '/admin/teams'],
    [active.length > 1 && active.every((person) => person.isTwoFactorEnable), 'Have everybody set up a second factor', 'The readiness board shows who still has only a password.', '/admin/readiness'],
  ];
  const left = steps.filter(([done]) => !done).length;
  $('steps').hidden = left === 0;
  $('step-list').replaceChildren(...steps.map(([done, title, text, href]) => {
    const mark = icon(done ? 'done' : 'open');
    mark.setAttribute('class', 'icon tick');
    const words = done || !href ? el('span', { class: 'name' }, title) : el('a', { class: 'name', href }, title);
    return el('li', { class: done ? 'keep done' : 'keep' }, mark,
      el('div', {}, words, done ? el('span', { class: 'unseen' }, ' (done)') : '', ...(done ? [] : [el('p', { class: 'hint' }, text)])));
  }));
}

/** @param {number} number @param {string} words @param {string} href */
const figure = (number, words, href, bad = false) => el('li', { class: bad && number > 0 ? 'bad' : '' }, el('strong', {}, String(number)), el('a', { href }, words));

async function showFigures() {
  const [people, { teams }, { invitations }] = await Promise.all([
    everybody(),
    call('GET', '/teams?limit=100'),
    call('GET', '/invitations'),
  ]);
  names = namesOf(people);
  const active = people.filter(isActive);
  $('figures').replaceChildren(
    figure(active.length, active.length === 1 ? 'person' : 'people', '/admin/people'),
    figure(active.filter((one) => one.isTwoFactorEnable).length, 'with a second factor', '/admin/people?twoFactor=on'),
    figure(active.filter((one) => !one.isTwoFactorEnable).length, 'without one', '/admin/readiness', true),
    figure(active.filter((one) => one.isTwoFactorLocked).length, 'locked', '/admin/readiness', true),
    figure(invitations.length, invitations.length === 1 ? 'open invitation' : 'open invitations', '/admin/people#invitations'),
  );
  showSteps(people, teams, invitations);
}

async function showEvents() {
  const { events } = await call('GET', newest ? `/audit?after=${newest}&limit=${SHOWN}` : `/audit?limit=${SHOWN}`);
  if (events.length === 0) return;
  newest = events.at(-1).number;
  $('events').prepend(...events.reverse().map((event) => eventRow(event, names)));
  while ($('events').children.length > SHOWN) $('events').lastElementChild.remove();
}

function showClock() {
  const off = Math.round(Math.abs(clockOffset ?? 0) / 1000);
  $('clock').textContent = off > 5 ? `Its clock and that of this computer differ by ${off} seconds. Codes go by the service’s.` : '';
}

startPage(async () => {
  await showFigures();
  const live = async () => {
    await Promise.all([showEvents(), showHealth()]);
    showClock();
  };
  await live();
  every(POLL_MS, live);
  every(12 * POLL_MS, showFigures);
}, { managers: true });
