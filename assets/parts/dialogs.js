// Vestibule: the dialogs: "are you sure", "give a fresh code" for acts that need one, and any other with fields.

import { call, renew } from '../base/session.js';
import { $, clearProblem, el, onSubmit } from '../base/ui.js';
import { codeField } from './code-field.js';

let count = 0;

/**
 * Opens a dialog around `form`; resolves with what `close` was given, or false if it was left.
 * @param {string} title @param {HTMLFormElement} form @param {HTMLElement} cancel
 */
function open(title, form, cancel) {
  const id = `dialog-title-${count += 1}`;
  const dialog = el('dialog', { 'aria-labelledby': id }, el('h2', { id }, title), form);
  document.body.append(dialog);
  dialog.showModal();
  /** @type {any} */
  let result = false;
  const close = (/** @type {unknown} */ value) => {
    result = value;
    dialog.close();
  };
  cancel.addEventListener('click', () => close(false));
  /** @type {Promise<any>} */
  const closed = new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(result);
    });
  });
  return { close, closed };
}

/**
 * Asks before an act; says what the act ends.
 * @param {{ title: string, text: string, yes: string }} words @returns {Promise<boolean>}
 */
export async function confirmAct({ title, text, yes }) {
  const cancel = el('button', { type: 'button', autofocus: true }, 'Cancel');
  const form = el('form', { method: 'dialog' },
    el('p', {}, text),
    el('div', { class: 'actions' }, el('button', { class: 'danger' }, yes), cancel));
  const { close, closed } = open(title, form, cancel);
  form.addEventListener('submit', (/** @type {Event} */ event) => {
    event.preventDefault();
    close(true);
  });
  return closed;
}

/** Asks for a code and gives it to the service; true once it was right. */
export function askCode() {
  const label = el('label', { for: 'fresh-code' });
  const hint = el('p', { class: 'hint', id: 'fresh-code-hint' });
  const box = el('div', { class: 'problem', id: 'fresh-code-problem', role: 'alert' });
  const toggle = el('button', { type: 'button', class: 'link' });
  const cancel = el('button', { type: 'button' }, 'Cancel');
  const input = el('input', {
    class: 'code', id: 'fresh-code', name: 'code', type: 'text', inputmode: 'numeric',
    autocomplete: 'one-time-code', autocapitalize: 'none', spellcheck: 'false', required: true,
    autofocus: true, 'aria-describedby': 'fresh-code-hint fresh-code-problem',
  });
  const form = el('form', { method: 'post' },
    el('p', {}, 'This needs a fresh code, so that nobody can do it at a computer left open.'),
    label, input, hint, box,
    el('div', { class: 'actions' }, el('button', { class: 'primary' }, 'Continue'), cancel),
    el('p', { class: 'aside' }, toggle));
  const field = codeField({ input, label, hint, toggle, form });
  toggle.addEventListener('click', () => clearProblem(box));

  const { close, closed } = open('Confirm that it is you', form, cancel);
  /** @type {Error} */
  let over = null;
  onSubmit(form, box, async () => {
    try {
      renew(await call('POST', '/2fa/authenticate', { code: field.value() }));
      close(true);
    } catch (error) {
      if (error.code === 'UNAUTHORIZED') {
        over = error;
        close(false);
        return;
      }
      if (error.code === 'SECOND_FACTOR_LOCKED') field.setMode('recovery');
      field.refuse();
      throw error;
    }
  });
  return closed.then((right) => {
    if (over) throw over;
    return right;
  });
}

/**
 * Opens a dialog around `fields`. `work` runs when it is sent, with a function that gives the value of a field by its id;
 * it may throw what is to be shown, and gives back what the dialog resolves with, or nothing to leave it open. False if
 * it was left.
 * @template T
 * @param {{ title: string, fields: Node[], yes: string, work: (value: (id: string) => string) => Promise<T>, danger?: boolean }} words
 * @returns {Promise<T | false>}
 */
export async function formDialog({ title, fields, yes, work, danger = false }) {
  const cancel = el('button', { type: 'button' }, 'Cancel');
  const box = el('div', { class: 'problem', role: 'alert' });
  const form = el('form', { method: 'post' }, ...fields, box,
    el('div', { class: 'actions' }, el('button', { class: danger ? 'danger' : 'primary' }, yes), cancel));
  const { close, closed } = open(title, form, cancel);
  /** @type {Error} */
  let over = null;
  onSubmit(form, box, async () => {
    try {
      const result = await work((id) => $(id).value.trim());
      if (result) close(result);
    } catch (error) {
      if (!['UNAUTHORIZED', 'IMPERSONATION_ENDED'].includes(error.code)) throw error;
      over = error;
      close(false);
    }
  });
  return closed.then((result) => {
    if (over) throw over;
    return result;
  });
}
