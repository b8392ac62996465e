// Vestibule: for the pages that go step by step: the steps, password fields, where to go afterwards.

import { el } from '../base/ui.js';

/**
 * Shows one `data-step` of the page, marks its door and moves the focus there.
 * @param {string} name
 */
export function showStep(name, { focus = true } = {}) {
  /** @type {NodeListOf<HTMLElement>} */
  const steps = document.querySelectorAll('[data-step]');
  let [shown] = steps;
  for (const step of steps) {
    step.hidden = step.dataset.step !== name;
    if (!step.hidden) shown = step;
  }
  /** @type {HTMLElement} */
  const doors = document.querySelector('.doors');
  const door = Number(shown.dataset.door ?? 0);
  if (doors) doors.hidden = door === 0;
  doors?.querySelectorAll('li').forEach((item, index) => {
    item.classList.toggle('done', index + 1 < door);
    if (index + 1 === door) item.setAttribute('aria-current', 'step');
    else item.removeAttribute('aria-current');
  });
  const heading = shown.querySelector('h1');
  document.title = `${heading.textContent} – Vestibule`;
  /** @type {HTMLElement} */
  const first = shown.querySelector('[data-focus]') ?? heading;
  if (focus) first.focus();
}

/** Gives every password field of the page a button that shows what was typed. */
export function addPasswordToggles() {
  /** @type {NodeListOf<HTMLInputElement>} */
  const inputs = document.querySelectorAll('input[type=password]');
  for (const input of inputs) {
    const name = document.querySelector(`label[for="${input.id}"]`).textContent.toLowerCase();
    const button = el('button', { type: 'button', class: 'small', 'aria-controls': input.id });
    const label = () => {
      const hidden = input.type === 'password';
      button.textContent = hidden ? 'Show' : 'Hide';
      button.setAttribute('aria-label', `${button.textContent} ${name}`);
    };
    button.addEventListener('click', () => {
      input.type = input.type === 'password' ? 'text' : 'password';
    });
    new MutationObserver(label).observe(input, { attributeFilter: ['type'] });
    const wrapper = el('div', { class: 'password' });
    const focused = document.activeElement === input;
    input.replaceWith(wrapper);
    wrapper.append(input, button);
    if (focused) input.focus();
    label();
  }
}

/**
 * A path on this service that `?next=` names, or "/".
 * @param {string | null} next
 */
export function safeNext(next) {
  if (!next || !/^\/(?![/\\])/.test(next) || /[\u0000-\u001f\\]/.test(next)) return '/';
  let url;
  try {
    url = new URL(next, location.origin);
  } catch {
    return '/';
  }
  const path = url.pathname + url.search + url.hash;
  const bad = url.origin !== location.origin || path.startsWith('//') || url.pathname === '/sign-in';
  return bad ? '/' : path;
}
