// Vestibule: small helpers for the pages: elements, forms, messages, names and times.

/** @typedef {{ message: string, description?: string, retryAfter?: number }} Told What is shown as a problem. */

/** @type {(id: string) => any} */
export const $ = (id) => document.getElementById(id);

/**
 * Makes an element; functions become listeners, false and null are left out.
 * @param {string} tag @param {Record<string, any>} props @param {any[]} children @returns {any}
 */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === 'function') node.addEventListener(name, value);
    else if (value === true) node.setAttribute(name, '');
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

/**
 * Makes an element of a drawing.
 * @param {string} tag @param {Record<string, any>} props @param {Node[]} children
 */
function svg(tag, props, ...children) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(props)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/**
 * One of the drawings in icons.svg.
 * @param {string} name
 */
export const icon = (name) => svg('svg', { class: 'icon', 'aria-hidden': 'true' },
  svg('use', { href: `/assets/look/icons.svg#${name}` }));

/**
 * The name of a person, or the address where there is none.
 * @param {{ firstName: string, lastName: string, email: string }} person
 */
export const nameOf = (person) => [person.firstName, person.lastName].filter(Boolean).join(' ') || person.email;

/**
 * "1 person", "3 people".
 * @param {number} number @param {string} one @param {string} many
 */
export const count = (number, one, many) => `${number} ${number === 1 ? one : many}`;

/**
 * Runs `work` when the form is sent, once at a time; what it throws is shown in `box`.
 * @param {HTMLFormElement} form @param {HTMLElement} box @param {() => unknown} work
 */
export function onSubmit(form, box, work) {
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (form.getAttribute('aria-busy') === 'true') return;
    for (const input of form.querySelectorAll('.password input')) input.setAttribute('type', 'password');
    clearProblem(box);
    await busy(form, async () => {
      try {
        await work();
      } catch (error) {
        showProblem(box, error);
      }
    });
  });
}

/**
 * Runs `work` when the button is pressed, once at a time; what it throws is shown in `box`.
 * @param {HTMLElement} button @param {HTMLElement} box @param {() => unknown} work
 */
export function onPress(button, box, work) {
  button.addEventListener('click', async () => {
    if (button.getAttribute('aria-busy') === 'true') return;
    clearProblem(box);
    await busy(button, async () => {
      try {
        await work();
      } catch (error) {
        showProblem(box, error);
      }
    });
  });
}

/** @param {HTMLElement} node @param {() => unknown} work */
async function busy(node, work) {
  node.setAttribute('aria-busy', 'true');
  try {
    await work();
  } finally {
    node.removeAttribute('aria-busy');
  }
}

/**
 * Shows an error's two sentences; if it names a wait, counts it down below.
 * @param {HTMLElement} box @param {Told} error
 */
export function showProblem(box, error) {
  clearProblem(box);
  if (!('description' in error)) {
    console.error(error);
    error = { message: 'Something went wrong in this page.', description: 'Reload it and try again.' };
  }
  box.append(el('strong', {}, error.message), ' ', error.description ?? '');
  if (error.retryAfter > 0) {
    const shown = box.firstChild;
    import('./wait.js').then((wait) => {
      if (box.firstChild === shown) showWait(box, error.retryAfter, wait);
    }, () => {});
  }
}

/**
 * Counts down below `box`. The ticking line is no live region; only its end is announced.
 * @param {HTMLElement} box @param {number} seconds @param {typeof import('./wait.js')} wait
 */
function showWait(box, seconds, { countDown, inWords }) {
  const line = el('p', { class: 'wait', role: 'timer', 'aria-live': 'off' });
  box.after(line);
  const stop = countDown(seconds, (left) => { line.textContent = `You can try again in ${inWords(left)}.`; }, () => {
    clearProblem(box);
    box.append('You can try again now.');
  });
  box.addEventListener('cleared', () => {
    stop();
    line.remove();
  }, { once: true });
}

/**
 * Empties it; a countdown that belongs to it ends.
 * @param {HTMLElement} box
 */
export function clearProblem(box) {
  box.replaceChildren();
  box.dispatchEvent(new Event('cleared'));
}

/**
 * Copies text and says so in `status`; if the browser forbids it, says that.
 * @param {string} text @param {HTMLElement} status @param {string} done
 */
export async function copyText(text, status, done) {
  try {
    await navigator.clipboard.writeText(text);
    status.textContent = done;
  } catch {
    status.textContent = 'This browser does not let the page copy. Select the text and copy it yourself.';
  }
}

const dateFormat = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

/**
 * A moment in the reader's own time zone, with the exact UTC time on hover.
 * @param {string | number} value
 */
export function moment(value) {
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) return String(value);
  const utc = `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  return el('time', { datetime: date.toISOString(), title: utc }, dateFormat.format(date));
}

/**
 * Writes "Signed in as X. Not you?" into the page's header.
 * @param {string} email @param {() => void} signOut
 */
export function showWho(email, signOut) {
  const button = el('button', { type: 'button', class: 'link', click: signOut }, 'Not you?');
  $('who').replaceChildren(el('span', { title: email }, 'Signed in as ', el('strong', {}, email), '.'), ' ', button);
}
