// Vestibule: asks before an act, for what it needs or for a fresh code. The dialogs are fetched with the first question.

import { part } from '../base/api.js';

const dialogs = () => part(() => import('./dialogs.js'));

/**
 * Asks before an act; says what the act ends.
 * @type {typeof import('./dialogs.js').confirmAct}
 */
export const confirmAct = async (words) => (await dialogs()).confirmAct(words);

/**
 * Opens a dialog around fields; resolves with what `work` returned, or false if it was left.
 * @type {typeof import('./dialogs.js').formDialog}
 */
export const formDialog = async (words) => (await dialogs()).formDialog(words);

/**
 * Runs `act`; if it needs a fresh code, asks for one and runs it again. Undefined if that was left.
 * @template T @param {() => Promise<T>} act
 */
export async function withFreshCode(act) {
  try {
    return await act();
  } catch (error) {
    if (error.code !== 'FRESH_CODE_REQUIRED') throw error;
    return (await (await dialogs()).askCode()) ? act() : undefined;
  }
}
