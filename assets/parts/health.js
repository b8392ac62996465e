// Vestibule: whether the service is well, in words.

import { request } from '../base/api.js';
import { $ } from '../base/ui.js';

/** Asks, and shows it in `#health` and `#health-text`. */
export async function showHealth() {
  let well = false;
  let gone = '';
  try {
    const { status } = await request('GET', '/health/ready');
    well = status === 'ready';
  } catch (error) {
    if (error.status === 0) gone = error.message;
  }
  $('health').textContent = well ? 'Ready' : gone ? 'Away' : 'Not ready';
  $('health').className = `badge ${well ? 'on' : 'bad'}`;
  $('health-text').textContent = well
    ? 'The store can be written, the disk has room, the clock is sane.'
    : gone || 'The store cannot be written, the disk is nearly full, or the clock is wrong. The log on the machine says which.';
}
