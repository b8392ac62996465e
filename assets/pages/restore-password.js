// Vestibule: the page where a link from an administrator sets a new password.

import { request } from '../base/api.js';
import { $, onSubmit } from '../base/ui.js';
import { useLink } from '../parts/link-token.js';
import { addPasswordToggles, showStep } from '../parts/steps.js';

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
