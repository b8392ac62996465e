// Vestibule: how the service is: health, clock, head of the audit chain, public keys.

import { clockOffset, request } from '../base/api.js';
import { call } from '../base/session.js';
import { $, copyText, el, moment } from '../base/ui.js';
import { confirmAct, withFreshCode } from '../parts/ask.js';
import { showHealth } from '../parts/health.js';
import { every, onAct, startPage } from '../parts/shell.js';

const POLL_MS = 5000;

async function askHealth() {
  const begun = performance.now();
  await showHealth();
  $('speed').textContent = `${Math.max(1, Math.round(performance.now() - begun))} ms`;
}

function showClocks() {
  /** @param {number} at */
  const time = (at) => new Date(at).toLocaleTimeString('en-GB');
  $('our-clock').textContent = time(Date.now());
  if (clockOffset === null) return;
  $('their-clock').textContent = time(Date.now() + clockOffset);
  const off = Math.round(Math.abs(clockOffset) / 1000);
  $('clock-text').className = off > 5 ? 'warn' : 'hint';
  $('clock-text').textContent = off > 5
    ? `They differ by ${off} seconds. Codes go by the service’s clock: let both set their time automatically.`
    : 'They agree. Codes go by the service’s clock.';
}

let paused = false;

/** @param {Api.SignIns} answer */
function showSignIns(answer) {
  paused = answer.paused;
  $('sign-ins').textContent = paused ? 'Paused' : 'Open';
  $('sign-ins').className = `badge ${paused ? 'bad' : 'on'}`;
  $('pause').textContent = paused ? 'Let people sign in again' : 'Pause sign-ins';
  $('sign-ins-text').replaceChildren(...(paused
    ? ['Nobody has been able to sign in since ', moment(answer.since), '. Sessions go on.']
    : ['While they are paused, nobody can sign in; people who are signed in stay signed in. A restart does not end a pause.']));
}

async function changeSignIns() {
  const sure = paused || await confirmAct({
    title: 'Pause sign-ins?',
    text: 'Nobody can sign in until they are resumed: neither you, once your session is over, nor anybody else. Then only the tray, or vestibule sign-ins resume on the machine, ends the pause.',
    yes: 'Pause',
  });
  if (!sure) return;
  const answer = await withFreshCode(() => call('PATCH', '/sign-ins', { paused: !paused }));
  if (!answer) return;
  showSignIns(answer);
  $('page-status').textContent = paused ? 'Sign-ins are paused.' : 'People may sign in again.';
}

async function showHead() {
  const head = await call('GET', '/audit/head');
  $('head-number').textContent = String(head.number);
  $('head-hash').textContent = head.hash;
  $('verify').textContent = `vestibule audit verify --head ${head.number}:${head.hash}`;
}

async function showKeys() {
  const { keys } = await request('GET', '/.well-known/jwks.json');
  $('keys').replaceChildren(...keys.map((key) => el('li', {},
    el('div', {}, el('code', {}, key.kid), el('p', { class: 'hint' }, [key.kty, key.crv, key.alg].filter(Boolean).join(', '))))));
}

onAct($('pause'), $('page-problem'), changeSignIns);
onAct($('copy-head'), $('page-problem'), () => copyText(`${$('head-number').textContent}:${$('head-hash').textContent}`, $('copy-status'), 'Copied.'));

startPage(async () => {
  const askSignIns = async () => showSignIns(await call('GET', '/sign-ins'));
  await Promise.all([askHealth(), askSignIns(), showHead(), showKeys()]);
  showClocks();
  setInterval(showClocks, 1000);
  every(POLL_MS, () => Promise.all([askHealth(), askSignIns(), showHead()]));
}, { managers: true });
