// What a thumb cannot get at in this window: content wider than it, and controls outside of it or below something else.
// Nothing is to be scrolled sideways.

const found = [];
const root = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document;
const page = document.scrollingElement;
if (page.scrollWidth > innerWidth) found.push(`the page is ${page.scrollWidth} wide in a window of ${innerWidth}`);
const isShown = (node) => node.checkVisibility({ visibilityProperty: true });
const outer = (node) => node.outerHTML.slice(0, 120);
const before = scrollY;
for (const node of root.querySelectorAll('a[href], button, input, select, textarea, summary')) {
  // The way to skip the head of the page shows itself to the keyboard only; what is unseen is for programs.
  if (!isShown(node) || node.matches('.skip, .unseen')) continue;
  node.scrollIntoView({ block: 'center', inline: 'nearest' });
  const box = node.getBoundingClientRect();
  if (box.left < 0 || box.right > innerWidth) {
    found.push(`from ${Math.round(box.left)} to ${Math.round(box.right)}: ${outer(node)}`);
    continue;
  }
  const [line] = node.getClientRects();
  const top = document.elementFromPoint(line.x + line.width / 2, line.y + line.height / 2);
  const hits = node.contains(top) || top?.contains(node) || top?.closest('label')?.control === node || top?.closest('li')?.contains(node);
  if (!hits) found.push(`below ${top ? outer(top) : 'nothing'}: ${outer(node)}`);
}
scrollTo(0, before);
return found;
