// What a page of another origin tries against the service whose address is the first argument: to read anything, and to
// change something with the second, a body that would do it. Gives back what it got, one line each.

const [base, body] = arguments;
const got = [];
const note = (what, result) => got.push(`${what}: ${result}`);
const read = async (what, path, options) => {
  try {
    const answer = await fetch(base + path, options);
    const text = await answer.text();
    note(what, `${answer.type} ${answer.status} ${text.length} characters`);
  } catch {
    note(what, 'nothing');
  }
};
const loads = (what, tag, props) => new Promise((resolve) => {
  const node = Object.assign(document.createElement(tag), props);
  node.onload = () => resolve(note(what, 'loaded'));
  node.onerror = () => resolve(note(what, 'nothing'));
  document.body.append(node);
});

const paths = ['/', '/sign-in', '/auth/me', '/users', '/audit', '/health/ready', '/openapi.json', '/.well-known/jwks.json', '/assets/base/api.js'];
for (const path of paths) {
  await read(`reading ${path}`, path);
  await read(`reading ${path} with credentials`, path, { credentials: 'include' });
  await read(`reading ${path} without asking`, path, { mode: 'no-cors', credentials: 'include' });
}
const json = { 'Content-Type': 'application/json' };
for (const path of ['/auth/sign-in', '/auth/sign-up', '/setup', '/2fa/authenticate']) {
  await read(`sending to ${path}`, path, { method: 'POST', body, headers: json });
  await read(`sending to ${path} as text`, path, { method: 'POST', body });
  await read(`sending to ${path} without asking`, path, { method: 'POST', body, mode: 'no-cors', credentials: 'include' });
  navigator.sendBeacon(base + path, body);
}
await read('a change with a guessed token', '/auth/me', { method: 'PATCH', body: '{}', headers: { ...json, Authorization: 'Bearer x' } });
await loads('picture', 'img', { src: `${base}/assets/look/icon.svg` });
await loads('script', 'script', { src: `${base}/assets/base/api.js` });
await loads('module', 'script', { src: `${base}/assets/base/api.js`, type: 'module' });
await loads('style sheet', 'link', { href: `${base}/assets/look/style.css`, rel: 'stylesheet' });
note('kept in the tab', sessionStorage.length + localStorage.length + document.cookie.length ? 'something' : 'nothing');
return got;
