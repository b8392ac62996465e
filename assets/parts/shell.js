// Vestibule: what all pages share that need a session: who is signed in, navigation, and what to show when loading
// fails or the service is away.

import { nothing, request } from '../base/api.js';
import { call, findSession, leave, session, signOut, toSignIn } from '../base/session.js';
import { $, el, onPress, showProblem, showWho } from '../base/ui.js';

/**
 * The user, as `/auth/me` answered last.
 * @type {Api.OwnAccount}
 */
export let me = null;

export const isManager = () => me.roles.some((role) => role === 'Admin' || role === 'Super Admin');
export const isSuperAdmin = () => me.roles.includes('Super Admin');
export const isActing = () => session()?.stage === 'impersonation';

if (isActing()) import('./bar.js');

/**
 * A parameter of the page's address.
 * @param {string} name
 */
export const parameter = (name) => new URLSearchParams(location.search).get(name) ?? '';

/**
 * Starts a page: finds the session, shows who it is, then runs `load` and reveals `#content`.
 * `managers`: the page is for administrators. `enrolment`: it opens also before the second factor is set up.
 * @param {() => Promise<void>} load
 */
export async function startPage(load, { managers = false, enrolment = false } = {}) {
  const here = location.pathname + location.search + location.hash;
  const found = await findSession();
  if (!found || found.stage === 'pending') {
    toSignIn('', here);
    return;
  }
  if (found.stage === 'enrolment' && !enrolment) {
    location.replace('/enrol');
    return;
  }
  await attempt(async () => {
    await loadMe();
    if (managers && !isManager()) {
      stop({ message: 'This part is for administrators.', description: isActing() ? 'Return to yourself to use it.' : 'Your account has no such role. If it should, ask a Super Admin.' });
      return;
    }
    await load();
    $('content').hidden = false;
  });
}

/** Asks again who is signed in, and shows it. */
export async function loadMe() {
  me = await call('GET', '/auth/me');
  if (isActing()) $('who').replaceChildren('Acting as ', el('strong', {}, me.email));
  else showWho(me.email, () => signOut());
  const to = $('to-admin');
  if (to) to.hidden = !isManager();
}

/** @type {HTMLElement} */
let failure = null;

/**
 * Runs the loading of a page; if it fails, says so, and tries again when the service is back.
 * @param {() => Promise<void>} work
 */
async function attempt(work) {
  failure?.remove();
  failure = null;
  try {
    await work();
  } catch (error) {
    if (wentElsewhere(error)) return;
    stop(error, () => attempt(work));
    if (error.status === 0 || error.status === 503) waitForService(failure, () => attempt(work));
  }
}

/** @param {import('../base/ui.js').Told} error @param {() => void} [again] */
function stop(error, again) {
  const box = el('div', { class: 'problem', role: 'alert' });
  failure = el('section', { class: 'card' }, el('h1', {}, document.title.split(' – ')[0]), box,
    el('div', { class: 'actions' },
      ...(again ? [el('button', { type: 'button', class: 'primary', click: again }, 'Try again')] : []),
      el('a', { class: 'button', href: '/' }, 'Go to your account')));
  $('content').hidden = true;
  $('main').append(failure);
  showProblem(box, error);
}

/** @param {HTMLElement} card @param {() => void} again */
async function waitForService(card, again) {
  while (card === failure) {
    await new Promise((done) => setTimeout(done, 3000));
    const live = await request('GET', '/health/live').catch(nothing);
    if (live && card === failure) again();
  }
}

/**
 * Goes where a refusal can be put right, if there is such a page; says whether it did.
 * @param {import('../base/api.js').ApiError} error
 */
export function wentElsewhere(error) {
  if (error.code === 'PASSWORD_CHANGE_REQUIRED' && location.pathname !== '/') {
    location.replace('/#password');
    return true;
  }
  return leave(error);
}

/**
 * A button that does `work`; a refusal is shown in `box`, unless it leads elsewhere.
 * @param {HTMLElement} button @param {HTMLElement} box @param {() => Promise<unknown>} work
 */
export function onAct(button, box, work) {
  onPress(button, box, () => work().catch((error) => {
    if (!wentElsewhere(error)) throw error;
  }));
}

/**
 * Runs `work` every so often while the page is visible; a failure is shown once, at the top, until it is over.
 * @param {number} milliseconds @param {() => Promise<unknown>} work
 */
export function every(milliseconds, work) {
  /** @type {HTMLElement} */
  let away = null;
  const tick = async () => {
    if (document.hidden) return;
    try {
      await work();
      away?.remove();
      away = null;
    } catch (error) {
      if (wentElsewhere(error) || away) return;
      away = el('p', { class: 'away', role: 'status' }, `${error.message} This page goes on by itself as soon as it can.`);
      document.querySelector('.top').after(away);
    }
  };
  setInterval(tick, milliseconds);
}
