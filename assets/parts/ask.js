// Vestibule: asks before an act, for what it needs or for a fresh code. The dialogs are fetched with the first question.

import { part } from '../base/api.js';

const dialogs = () => part(() => import('./dialogs.js'));

/** Asks before an act; says what the act ends. */
export const confirmAct = async (words) => (await dialogs()).confirmAct(words);

/** Opens a dialog around fields; true once `work` went through. */
export const formDialog = async (words) => (await dialogs()).formDialog(words);

/** Runs `act`; if it needs a fresh code, asks for one and runs it again. Undefined if that was left. */
export async function withFreshCode(act) {
  try {
    return await act();
  } catch (error) {
    if (error.code !== 'FRESH_CODE_REQUIRED') throw error;
    return (await (await dialogs()).askCode()) ? act() : undefined;
  }
}
