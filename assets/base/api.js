// Vestibule: one function that calls the HTTP API, and the one kind of error it throws.

/** What the service (or the network) said; `message` and `description` are for the reader. */
export class ApiError extends Error {
  constructor(status, code, message, description, retryAfter = 0) {
    super(message);
    this.status = status;
    this.code = code;
    this.description = description;
    this.retryAfter = retryAfter;
  }
}

/** The service's time minus ours in milliseconds, as of the last answer, or null. */
export let clockOffset = null;

const TIMEOUT_MS = 30_000;

/**
 * Sends one request. The fetch mode stays the default one on purpose: with `same-origin`
 * and the no-referrer policy a browser would send `Origin: null`, which is refused.
 */
export async function request(method, path, { body, token } = {}) {
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
    // Not JSON: told below.
  }
  if (response.ok && answer !== null) return answer;
  if (response.ok && text === '') return {};
  if (typeof answer?.message === 'string' && !response.ok) {
    throw new ApiError(response.status, answer.code ?? '', answer.message,
      answer.description ?? '', seconds(response.headers.get('Retry-After')));
  }
  throw new ApiError(response.status, 'UNREADABLE',
    'The service gave an answer that this page does not understand.',
    `Reload the page and try again. (Status ${response.status})`);
}

const unreachable = () => new ApiError(0, 'NETWORK', 'The service could not be reached.',
  'Check that Vestibule is running and that you are connected, then try again.');

/** Fetches a part of the page that is needed only now; told like any other call where it cannot be had. */
export const part = (load) => load().catch(() => { throw unreachable(); });

function seconds(value) {
  return /^\d+$/.test(value ?? '') ? Number(value) : 0;
}
