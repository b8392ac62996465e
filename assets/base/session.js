// Vestibule: the session in this tab: where its tokens are kept, renewed, shared with other tabs and forgotten.
//
// Tokens live in memory and in the tab's sessionStorage, nowhere else. A new tab asks the others.

import { ApiError, nothing, request } from './api.js';

/**
 * `id` is this browser's own name for the session, so that tabs of two people do not mix; `turn` counts the renewals of
 * its tokens. While the user acts as somebody else, in this tab alone, the stage is `impersonation`, `as` says as whom,
 * `until` when it ends, and `own` is the session to return to; other tabs are only ever given that one.
 * @typedef {{ id: string, turn: number, stage: Stage, email: string, accessToken: string, refreshToken: string, as?: Other,
 *   until?: number, own?: Session }} Session
 * @typedef {Api.SignInAnswer['stage'] | 'impersonation'} Stage
 * @typedef {{ id: number, name: string, email: string }} Other
 * @typedef {{ accessToken: string, refreshToken: string }} Tokens
 */

const KEY = 'vestibule.session';
const ASK_MS = 250;
const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel('vestibule') : null;

/** @type {Session} */
let current = read();
/** @type {Promise<void>} */
let refreshing = null;

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY));
  } catch {
    return null;
  }
}

/** @param {Session} session */
function keep(session) {
  current = session;
  try {
    if (session) sessionStorage.setItem(KEY, JSON.stringify(session));
    else sessionStorage.removeItem(KEY);
  } catch {
    // No storage (it can be switched off): memory has to do, until the page is left.
  }
}

/** The session of this tab, or null. */
export const session = () => current;

/** The session of this tab or, if it has none, one that another tab has. */
export async function findSession() {
  if (!current) {
    const found = await ask({});
    if (found && !current) keep(found);
  }
  return current;
}

/**
 * Starts a session with the answer of a sign-in.
 * @param {Api.SignInAnswer} answer
 */
export function begin(answer, email = '') {
  keep({
    id: newId(),
    turn: 0,
    stage: answer.stage,
    email,
    accessToken: answer.accessToken,
    refreshToken: answer.refreshToken ?? '',
  });
}

const newId = () => crypto.getRandomValues(new Uint32Array(4)).join('-');

/**
 * From here on this tab acts as `as`.
 * @param {Api.Impersonated} answer @param {Other} as
 */
export function beginImpersonation(answer, as) {
  const { accessToken } = answer;
  const claims = accessToken.split('.')[1].replaceAll('-', '+').replaceAll('_', '/');
  const until = JSON.parse(atob(claims)).exp * 1000;
  keep({ id: newId(), turn: 0, stage: 'impersonation', email: as.email, accessToken, refreshToken: '', as, until, own: current });
}

/**
 * Back to the user's own session, with the new tokens if the service answered.
 * @param {Tokens} [answer]
 */
export function endImpersonation(answer) {
  keep(current.own);
  if (answer) renew(answer);
}

/**
 * Replaces the tokens.
 * @param {Tokens} answer @param {Stage} stage
 */
export function renew(answer, stage = 'full') {
  if (!current) return;
  const { accessToken, refreshToken } = answer;
  keep({ ...current, turn: current.turn + 1, stage, accessToken, refreshToken });
  channel?.postMessage({ type: 'renewed', session: current });
}

/** Forgets the session here and in every other tab that has it. */
export function end(reason = 'signed-out') {
  const ids = [current?.id, current?.own?.id].filter(Boolean);
  keep(null);
  for (const id of ids) channel?.postMessage({ type: 'ended', id, reason });
}

/** @param {any} method @param {any} path @param {any} [body] @returns {Promise<any>} */
async function send(method, path, body) {
  for (let tries = 0; ; tries += 1) {
    const used = current;
    if (!used) throw new ApiError(401, 'UNAUTHORIZED', 'You are not signed in.', 'Sign in to go on.');
    try {
      return await request(method, path, { body, token: used.accessToken });
    } catch (error) {
      if (error.code !== 'UNAUTHORIZED' || tries === 2) throw error;
      if (current?.accessToken === used.accessToken) {
        if (used.stage === 'impersonation') {
          endImpersonation();
          location.replace(`/admin/person?id=${used.as.id}&ended=1`);
          throw new ApiError(401, 'IMPERSONATION_ENDED', 'You act as yourself again.', 'The time was up, or it was ended.');
        }
        if (used.stage !== 'full') {
          end('expired');
          throw error;
        }
        refreshing ??= alone(() => refresh(used.accessToken)).finally(() => { refreshing = null; });
        await refreshing;
      }
    }
  }
}

/**
 * Calls the API as the user; an expired access token is renewed on the way.
 * @type {Api.Call}
 */
export const call = send;

/**
 * One tab at a time, where the browser can do that; elsewhere the service accepts the same token twice within moments.
 * @template T @param {() => Promise<T>} work
 */
function alone(work) {
  return navigator.locks ? navigator.locks.request('vestibule-refresh', work) : work();
}

/**
 * Renews the tokens, unless that has happened meanwhile: here, or in another tab.
 * @param {string} failed
 */
async function refresh(failed) {
  if (current?.accessToken !== failed) return;
  const newer = await ask({ id: current.id, turn: current.turn });
  if (current?.accessToken !== failed) return;
  if (newer?.id === current.id) {
    keep(newer);
    return;
  }
  try {
    renew(await request('POST', '/auth/refresh-token', { body: { refreshToken: current.refreshToken } }));
  } catch (error) {
    if (error.status === 400 || error.status === 401) end('expired');
    throw error.status === 400
      ? new ApiError(401, 'UNAUTHORIZED', error.message, error.description)
      : error;
  }
}

/** Signs out at the service, then here whatever it answered; then shows the sign-in page, or `to`. */
export async function signOut({ everywhere = false, next = '', to = '' } = {}) {
  let reason = 'signed-out';
  if (current?.stage === 'impersonation') endImpersonation(await call('POST', '/2fa/desimpersonation').catch(nothing));
  try {
    await call('POST', '/auth/sign-out', everywhere ? { everywhere: true } : undefined);
  } catch (error) {
    if (everywhere) throw error;
    if (error.status !== 401) reason = 'signed-out-here';
  }
  end(reason);
  if (to) location.replace(to);
  else toSignIn(reason, next);
}

/** Leaves for the sign-in page; `next` is where to come back to. */
export function toSignIn(reason = '', next = '') {
  const query = new URLSearchParams();
  if (next && next !== '/') query.set('next', next);
  if (reason) query.set('reason', reason);
  const tail = query.toString();
  location.replace(tail ? `/sign-in?${tail}` : '/sign-in');
}

/**
 * Goes to the page that an error leads to, if there is one; says whether it did.
 * @param {import('./api.js').ApiError} error
 */
export function leave(error) {
  const here = location.pathname + location.search;
  if (error.code === 'IMPERSONATION_ENDED') return true;
  if (error.code === 'UNAUTHORIZED') {
    toSignIn('expired', here);
  } else if (error.code === 'SECOND_FACTOR_REQUIRED') {
    if (current) keep({ ...current, stage: 'pending' });
    toSignIn('', here);
  } else if (error.code === 'ENROLMENT_REQUIRED' && location.pathname !== '/enrol') {
    location.replace('/enrol');
  } else {
    return false;
  }
  return true;
}

/**
 * Asks the other tabs; with `id` and `turn`, only for newer tokens of that same session.
 * @param {{ id?: string, turn?: number }} question @returns {Promise<Session>}
 */
function ask(question) {
  if (!channel) return Promise.resolve(null);
  return new Promise((resolve) => {
    /** @param {Session} answer */
    const done = (answer) => {
      channel.removeEventListener('message', hear);
      resolve(answer);
    };
    /** @param {MessageEvent} event */
    const hear = ({ data }) => {
      if (data.type !== 'answer') return;
      if (!question.id || (data.session.id === question.id && data.session.turn > question.turn)) done(data.session);
    };
    channel.addEventListener('message', hear);
    channel.postMessage({ type: 'ask', ...question });
    setTimeout(done, ASK_MS, null);
  });
}

channel?.addEventListener('message', ({ data }) => {
  if (!current) return;
  if (data.type === 'ask') {
    const mine = current.own ?? current;
    const shared = data.id ? data.id === mine.id && mine.turn > data.turn : mine.stage === 'full';
    if (shared) channel.postMessage({ type: 'answer', session: mine });
  } else if (data.type === 'renewed') {
    /** @param {Session} old */
    const newer = (old) => old?.id === data.session.id && data.session.turn > old.turn;
    if (newer(current)) keep(data.session);
    else if (newer(current.own)) keep({ ...current, own: data.session });
  } else if (data.type === 'ended' && [current.id, current.own?.id].includes(data.id)) {
    keep(null);
    toSignIn(data.reason);
  }
});

// A page that Back brings again may belong to a session that has ended since.
addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload();
});
