// Vestibule: the sheet of recovery codes: shown once, to copy, download or print.

import { copyText, el } from '../base/ui.js';

/**
 * Shows the codes in `place`; `done` runs when the reader has said they are saved and goes on.
 * @param {HTMLElement} place @param {string[]} codes @param {string} email @param {() => void} done
 */
export function showRecoveryCodes(place, codes, email, done) {
  const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long' }).format(new Date());
  const owner = `${email ? `${email}, ` : ''}${location.host}, ${date}`;
  const text = [
    'Vestibule recovery codes', owner, '', ...codes, '',
    'Each code works once. New codes make these void.', '',
  ].join('\n');

  /** @param {Event} event */
  const guard = (event) => event.preventDefault();
  addEventListener('beforeunload', guard);

  const status = el('p', { class: 'status', role: 'status' });
  const go = el('button', { type: 'button', class: 'primary', disabled: true }, 'Continue');
  const saved = el('input', { type: 'checkbox' });
  saved.addEventListener('change', () => {
    go.disabled = !saved.checked;
    if (saved.checked) removeEventListener('beforeunload', guard);
    else addEventListener('beforeunload', guard);
  });
  go.addEventListener('click', () => {
    place.replaceChildren();
    place.hidden = true;
    done();
  });

  place.replaceChildren(
    el('div', { class: 'sheet' },
      el('p', { class: 'sheet-title' }, 'Vestibule recovery codes'),
      el('p', { class: 'sheet-owner' }, owner),
      el('ol', { class: 'codes' }, ...codes.map((code) => el('li', {}, el('code', {}, code)))),
      el('p', { class: 'hint' }, 'Keep them away from the phone: in a password manager, or on paper.')),
    el('div', { class: 'actions' },
      el('button', { type: 'button', click: () => copyText(codes.join('\n'), status, 'Copied.') }, 'Copy'),
      el('button', { type: 'button', click: () => download(text) }, 'Download'),
      el('button', { type: 'button', click: () => print() }, 'Print')),
    status,
    el('label', { class: 'check' }, saved, 'I saved them'),
    go,
  );
  place.hidden = false;
}

/** @param {string} text */
function download(text) {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  el('a', { href: url, download: 'vestibule-recovery-codes.txt' }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
