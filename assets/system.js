// Vestibule: how the service is: health, clock, head of the audit chain, public keys.

import { clockOffset, request } from './api.js';
import { showHealth } from './health.js';
import { call } from './session.js';
import { every, onAct, startPage } from './shell.js';
import { $, copyText, el } from './ui.js';

const POLL_MS = 5000;

async function askHealth() {
  const begun = performance.now();
  await showHealth();
  $('speed').textContent = `${Math.max(1, Math.round(performance.now() - begun))} ms`;
}

function showClocks() {
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

onAct($('copy-head'), $('page-problem'), () => copyText(`${$('head-number').textContent}:${$('head-hash').textContent}`, $('copy-status'), 'Copied.'));

startPage(async () => {
  await Promise.all([askHealth(), showHead(), showKeys()]);
  showClocks();
  setInterval(showClocks, 1000);
  every(POLL_MS, () => Promise.all([askHealth(), showHead()]));
}, { managers: true });
