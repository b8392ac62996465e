// Vestibule: waits, told in words and counted down.

import { clearProblem, el } from './ui.js';

/** Counts down below `box`. The ticking line is no live region; only its end is announced. */
export function countDown(box, seconds) {
  const until = performance.now() + seconds * 1000;
  const line = el('p', { class: 'wait', role: 'timer', 'aria-live': 'off' });
  const tick = () => {
    const left = Math.ceil((until - performance.now()) / 1000);
    if (left > 0) {
      line.textContent = `You can try again in ${inWords(left)}.`;
    } else {
      clearProblem(box);
      box.append('You can try again now.');
    }
  };
  const timer = setInterval(tick, 250);
  box.addEventListener('cleared', () => {
    clearInterval(timer);
    line.remove();
  }, { once: true });
  box.after(line);
  tick();
}

export function inWords(seconds) {
  const minutes = Math.floor(seconds / 60);
  const rest = seconds % 60;
  if (minutes === 0) return rest === 1 ? '1 second' : `${rest} seconds`;
  return `${minutes} min ${String(rest).padStart(2, '0')} s`;
}
