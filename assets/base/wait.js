// Vestibule: waits, counted down and told in words.

/**
 * Calls `tick` with the whole seconds left, first at once, and `over` when none is left. What it returns stops it.
 * @param {number} seconds @param {(left: number) => void} tick @param {() => void} over
 */
export function countDown(seconds, tick, over) {
  const until = performance.now() + seconds * 1000;
  let timer = 0;
  const stop = () => clearInterval(timer);
  const look = () => {
    const left = Math.ceil((until - performance.now()) / 1000);
    if (left > 0) {
      tick(left);
    } else {
      stop();
      over();
    }
  };
  timer = setInterval(look, 250);
  look();
  return stop;
}

/** @param {number} seconds */
export function inWords(seconds) {
  const minutes = Math.floor(seconds / 60);
  const rest = seconds % 60;
  if (minutes === 0) return rest === 1 ? '1 second' : `${rest} seconds`;
  return `${minutes} min ${String(rest).padStart(2, '0')} s`;
}
