// Vestibule: the API reference, made in the page from the service's own document.

import { request } from '../base/api.js';
import { $, count, el, showProblem } from '../base/ui.js';
import '../parts/bar.js';

/** @typedef {Record<string, any>} Part Of the document, whose form is OpenAPI's. */

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
/** @type {Part} */
let api = {};

/**
 * Follows `$ref`s within the document.
 * @param {Part | undefined} thing @returns {Part}
 */
function resolve(thing) {
  let found = thing;
  for (let turn = 0; found?.$ref && turn < 8; turn += 1) {
    found = found.$ref.split('/').slice(1).reduce((/** @type {any} */ at, /** @type {string} */ name) => at?.[name.replaceAll('~1', '/').replaceAll('~0', '~')], api);
  }
  return found ?? {};
}

/**
 * An example that fits the schema.
 * @param {Part} schema @returns {any}
 */
function example(schema, depth = 0) {
  const known = resolve(schema);
  if (known.example !== undefined) return known.example;
  if (known.examples?.length) return known.examples[0];
  if (known.const !== undefined) return known.const;
  if (known.enum) return known.enum.join(' | ');
  const either = known.oneOf ?? known.anyOf;
  if (either) return example(either.find((/** @type {Part} */ one) => resolve(one).type !== 'null') ?? either[0], depth);
  if (known.allOf) return Object.assign({}, ...known.allOf.map((/** @type {Part} */ one) => example(one, depth)));
  const type = [known.type].flat().find((one) => one !== 'null');
  if (depth > 6) return '…';
  if (type === 'array') return [example(known.items, depth + 1)];
  if (type === 'object' || known.properties) {
    const needed = new Set(known.required ?? []);
    return Object.fromEntries(Object.entries(known.properties ?? {})
      .map(([name, one]) => [needed.size && !needed.has(name) ? `${name}?` : name, example(one, depth + 1)]));
  }
  if (type === 'integer' || type === 'number') return 1;
  if (type === 'boolean') return true;
  return known.format ?? '…';
}

/**
 * Text with code between backticks, as nodes.
 * @param {string} text
 */
const prose = (text) => text.split('`').map((part, at) => (at % 2 ? el('code', {}, part) : part));

/** @param {Part | undefined} content */
const block = (content) => {
  const schema = content?.['application/json']?.schema;
  return schema ? [el('pre', { tabindex: '0' }, el('code', {}, JSON.stringify(example(schema), null, 2)))] : [];
};

/** @param {string} path @param {string} method @param {Part} about */
function operation(path, method, about) {
  const parameters = (about.parameters ?? []).map(resolve);
  const body = resolve(about.requestBody);
  const id = `${method}-${path.replace(/[^a-z0-9]+/gi, '-')}`;
  return el('details', { id, 'data-text': `${method} ${path} ${about.summary ?? ''} ${about.description ?? ''}`.toLowerCase() },
    el('summary', {}, el('code', {}, `${method.toUpperCase()} ${path}`), ' ', ...prose(about.summary ?? '')),
    ...(about.description ? [el('p', {}, ...prose(about.description))] : []),
    ...(parameters.length ? [el('h3', {}, 'Parameters'), el('dl', { class: 'facts' }, ...parameters.flatMap((/** @type {Part} */ one) => [
      el('dt', {}, el('code', {}, one.name), one.required ? '' : ' (optional)'), el('dd', {}, ...prose(one.description ?? `In the ${one.in}.`))]))] : []),
    ...(body.content ? [el('h3', {}, 'Body'), ...block(body.content)] : []),
    el('h3', {}, 'Answers'),
    ...Object.entries(about.responses ?? {}).flatMap(([status, one]) => [
      el('p', {}, el('strong', {}, status), ' ', ...prose(resolve(one).description ?? '')),
      // Refusals all have the same form; their description names the codes.
      ...(status.startsWith('2') ? block(resolve(one).content) : [])]));
}

function show() {
  $('about').replaceChildren(...prose(api.info?.description ?? ''));
  $('about').hidden = $('tools').hidden = false;
  const groups = new Map();
  for (const [path, item] of Object.entries(api.paths ?? {})) {
    for (const method of METHODS.filter((name) => item[name])) {
      const name = item[method].tags?.[0] ?? `/${path.split('/')[1]}`;
      groups.set(name, [...(groups.get(name) ?? []), operation(path, method, item[method])]);
    }
  }
  $('paths').replaceChildren(...[...groups].map(([name, operations]) => el('section', { class: 'card' }, el('h2', {}, name), ...operations)));
  $('find').hidden = false;
  find();
}

function find() {
  const words = $('search').value.toLowerCase().split(/\s+/).filter(Boolean);
  const all = [...$('paths').querySelectorAll('details')];
  for (const one of all) one.hidden = !words.every((/** @type {string} */ word) => one.dataset.text.includes(word));
  for (const group of $('paths').children) group.hidden = [...group.querySelectorAll('details')].every((one) => one.hidden);
  $('found').textContent = count(all.filter((one) => !one.hidden).length, 'call', 'calls');
}

$('search').addEventListener('input', find);
$('find').addEventListener('submit', (/** @type {Event} */ event) => event.preventDefault());

try {
  api = await request('GET', '/openapi.json');
  show();
} catch (error) {
  showProblem($('page-problem'), error.status === 404
    ? { message: 'This version of the service does not describe its API.', description: 'Look into the README that came with it, or try again after an update.' }
    : error);
}
