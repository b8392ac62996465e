// Vestibule: the page where a link from an administrator sets a new password.

import { request } from './api.js';
import { useLink } from './link-token.js';
import { addPasswordToggles, showStep } from './steps.js';
import { $, onSubmit } from './ui.js';

const link = useLink('vestibule.restore', () => {});

onSubmit($('form'), $('problem'), async () => {
  let answer;
  try {
    answer = await request('POST', '/auth/restore-password', { body: { token: link.token, password: $('password').value } });
  } catch (error) {
    link.refused(error);
    return;
  }
  link.forget();
  $('password').value = '';
  $('done-text').textContent = answer.description || 'Sign in with it now.';
  showStep('done');
});

addPasswordToggles();
link.start();
