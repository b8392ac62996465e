// Finds what a person would point at: the first visible control of a kind that is called so, in the topmost dialog if
// one is open. The arguments are the kind and the name; null if there is none.
const [kind, name] = arguments;
const root = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document;
const words = (node) => (node.getAttribute('aria-label') ?? node.innerText ?? '').replace(/\s+/g, ' ').trim();
const isShown = (node) => node.checkVisibility({ visibilityProperty: true });
const called = (selector) => [...root.querySelectorAll(selector)].find((node) => isShown(node) && words(node) === name);
const control = (label) => (label?.control && !label.control.disabled ? label.control : null);
switch (kind) {
  case 'field': return control(called('label'));
  case 'heading': return called('h1, dialog h2') ?? null;
  default: {
    const found = called('button, a[href], summary');
    return found && !found.disabled && found.getAttribute('aria-busy') !== 'true' ? found : null;
  }
}
