// Vestibule: one function that calls the HTTP API, and the one kind of error it throws.
//
// Types of the name `Api.…`, in all scripts, are those of /openapi.json: tests/pages/typed.rs checks the one by the other.

/** @typedef {Api.Error['code'] | 'NETWORK' | 'UNREADABLE' | 'IMPERSONATION_ENDED' | ''} Code What programs go by. */

/** What the service or the network said; `message` and `description` are for the reader. */
export class ApiError extends Error {
  /** @param {number} status @param {Code} code @param {string} message @param {string} description */
  constructor(status, code, message, description, retryAfter = 0) {
    super(message);
    this.status = status;
    this.code = code;
    this.description = description;
    this.retryAfter = retryAfter;
  }
}

/**
 * The service's time minus ours in milliseconds, as of the last answer, or null.
 * @type {number}
 */
export let clockOffset = null;

const TIMEOUT_MS = 30_000;

/**
 * Sends one request. The fetch mode stays the default one on purpose: with `same-origin`
 * and the no-referrer policy a browser would send `Origin: null`, which is refused.
 * @param {string} method @param {string} path @param {{ body?: object, token?: string }} options
 */
async function send(method, path, { body, token } = {}) {
  /** @type {Record<string, string>} */
  const headers = { Accept: 'application/json' };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers['Content-Type'] = 'application/json';

  let response;
  let text;
  try {
    response = await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: 'no-store',
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    text = await response.text();
  } catch (error) {
    if (error.name === 'TimeoutError') {
      throw new ApiError(0, 'NETWORK', 'The service did not answer in time.',
        'It may be busy. Wait a moment, then try again.');
    }
    throw unreachable();
  }

  const date = Date.parse(response.headers.get('Date') ?? '');
  if (!Number.isNaN(date)) clockOffset = date - Date.now();

  let answer = null;
  try {
    answer = JSON.parse(text);
  } catch {
    // Not JSON: see below.
  }
  if (response.ok && answer !== null) return answer;
  if (response.ok && text === '') return {};
  /** @type {Api.Error} */
  const refusal = answer;
  if (typeof refusal?.message === 'string' && !response.ok) {
    throw new ApiError(response.status, refusal.code ?? '', refusal.message,
      refusal.description ?? '', seconds(response.headers.get('Retry-After')));
  }
  throw new ApiError(response.status, 'UNREADABLE',
    'The service gave an answer that this page does not understand.',
    `Reload the page and try again. (Status ${response.status})`);
}

/** @type {Api.Request} */
export const request = send;

/**
 * For `catch`, where a refusal counts as no answer.
 * @type {() => null}
 */
export const nothing = () => null;

const unreachable = () => new ApiError(0, 'NETWORK', 'The service could not be reached.',
  'Check that Vestibule is running and that you are connected, then try again.');

/**
 * Fetches a part of the page that is needed only now; a failure is like that of any other call.
 * @template T @param {() => Promise<T>} load
 */
export const part = (load) => load().catch(() => { throw unreachable(); });

/** @param {string} value */
function seconds(value) {
  return /^\d+$/.test(value ?? '') ? Number(value) : 0;
}
