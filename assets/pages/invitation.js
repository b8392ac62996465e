// Vestibule: the invitation page: takes the one-time token out of the link and makes the account with it.

import { request } from '../base/api.js';
import { begin } from '../base/session.js';
import { $, onSubmit } from '../base/ui.js';
import { useLink } from '../parts/link-token.js';
import { addPasswordToggles } from '../parts/steps.js';

const link = useLink('vestibule.invitation', () => {
  $('email').value = link.email;
  for (const part of [$('email'), $('email').previousElementSibling]) part.hidden = link.email === '';
  if (link.email) $('lead').textContent = `You were invited as ${link.email}. Choose a password; the second factor comes next.`;
});

onSubmit($('form'), $('problem'), async () => {
  const names = [['firstName', $('first-name').value.trim()], ['lastName', $('last-name').value.trim()]];
  const body = { token: link.token, password: $('password').value, ...Object.fromEntries(names.filter(([, value]) => value)) };
  let answer;
  try {
    answer = await request('POST', '/invitations/accept', { body });
  } catch (error) {
    link.refused(error);
    return;
  }
  link.forget();
  begin(answer, link.email);
  location.replace('/enrol');
});

addPasswordToggles();
link.start();
