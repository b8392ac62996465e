// Vestibule: whether the service is well, in words.

import { request } from '../base/api.js';
import { $ } from '../base/ui.js';

/** Asks, and shows it in `#health` and `#health-text`. */
export async function showHealth() {
  const answer = await request('GET', '/health/ready').catch((error) => error);
  const well = answer.status === 'ready';
  const gone = answer.status === 0;
  $('health').textContent = well ? 'Ready' : gone ? 'Away' : 'Not ready';
  $('health').className = `badge ${well ? 'on' : 'bad'}`;
  $('health-text').textContent = well
    ? 'The store can be written, the disk has room, the clock is sane.'
    : gone ? answer.message : 'The store cannot be written, the disk is nearly full, or the clock is wrong. The log on the machine says which.';
}
