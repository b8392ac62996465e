// What the page in this window cost, once nothing has come for a while: bytes as Chromium counts them, heads included,
// requests, when something was painted first, and by how much anything moved afterwards.

const QUIET_MS = 250;
const shift = () => new Promise((done) => {
  new PerformanceObserver((list) => done(list.getEntries())).observe({ type: 'layout-shift', buffered: true });
  setTimeout(done, 50, []);
});
const quiet = async () => {
  for (;;) {
    const before = performance.getEntriesByType('resource').length;
    await new Promise((done) => setTimeout(done, QUIET_MS));
    if (document.readyState === 'complete' && before === performance.getEntriesByType('resource').length) return;
  }
};
return quiet().then(shift).then((shifts) => {
  const loads = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .filter(({ name }) => !name.startsWith('data:'));
  return {
    requests: loads.length,
    cached: loads.filter(({ transferSize }) => transferSize === 0).map(({ name }) => name),
    bytes: loads.reduce((sum, { transferSize }) => sum + transferSize, 0),
    paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null,
    shift: shifts.filter(({ hadRecentInput }) => !hadRecentInput).reduce((sum, { value }) => sum + value, 0),
    moved: shifts.flatMap(({ sources }) => sources.map(({ node }) => node?.outerHTML?.slice(0, 100) ?? '')),
  };
});
