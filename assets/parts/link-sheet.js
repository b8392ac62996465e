// Vestibule: a one-time link: shown once, to copy, or to scan with a phone.

import { copyText, el, moment } from '../base/ui.js';

/**
 * Shows the link in `place` and moves the focus there.
 * @param {HTMLElement} place @param {{ title: string, text: string } & Api.OneTimeLink} about
 */
export function showLink(place, { title, text, url, qrCode, expiresAt }) {
  const { hostname } = new URL(url);
  const local = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
  const status = el('p', { class: 'status', role: 'status' });
  const field = el('input', { id: 'link-url', type: 'text', readonly: true, value: url, 'aria-describedby': 'link-until' });
  field.addEventListener('focus', () => field.select());
  const heading = el('h2', { id: 'link-title', tabindex: '-1' }, title);
  const hide = () => {
    place.replaceChildren();
    place.hidden = true;
    document.querySelector('h1').focus();
  };
  place.replaceChildren(
    heading,
    el('p', {}, text),
    el('label', { for: 'link-url' }, 'One-time link'),
    field,
    el('p', { class: 'hint', id: 'link-until' }, 'It works once, until ', moment(expiresAt), '. It is shown only now; anybody who has it can use it.'),
    el('div', { class: 'actions' },
      el('button', { type: 'button', class: 'primary', click: () => copyText(url, status, 'Link copied.') }, 'Copy link'),
      el('button', { type: 'button', click: hide }, 'Done')),
    status,
    el('details', { open: !local }, el('summary', {}, 'For a phone: QR code'),
      el('div', { class: 'qr' }, el('img', { src: qrCode, alt: 'QR code of the link above' })),
      ...(local ? [el('p', { class: 'hint' },
        `The link begins with ${hostname}, which means this computer itself: a phone can open it only once the service has an address that the phone can reach (server.base_url).`)] : [])),
  );
  place.hidden = false;
  heading.focus();
  heading.scrollIntoView({ block: 'center' });
}
