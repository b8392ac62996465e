// Vestibule: how a code field behaves: what it drops, when it submits by itself, and its recovery-code mode.

const WORDS = {
  totp: {
    label: 'Code from your phone',
    hint: 'Your authenticator app shows it for this service and changes it every little while.',
    toggle: 'Use a recovery code instead',
  },
  recovery: {
    label: 'Recovery code',
    hint: 'One of the codes you saved when you set up your second factor. Each works once.',
    toggle: 'Use a code from the phone instead',
  },
};

/**
 * Makes `input` a code field. Without `toggle` it takes codes from the app only; with `form` it
 * submits by itself when a whole code arrives at once (pasted or filled in), never while it is typed.
 * @param {{ input: HTMLInputElement, label?: HTMLElement, hint?: HTMLElement, toggle?: HTMLElement, form?: HTMLFormElement }} parts
 */
export function codeField({ input, label, hint, toggle, form }) {
  /** @type {keyof typeof WORDS} */
  let mode = 'totp';
  let before = 0;

  /** @param {keyof typeof WORDS} next */
  function setMode(next) {
    mode = next;
    const recovery = mode === 'recovery';
    input.inputMode = recovery ? 'text' : 'numeric';
    input.autocomplete = recovery ? 'off' : 'one-time-code';
    input.classList.toggle('recovery', recovery);
    label.textContent = WORDS[mode].label;
    hint.textContent = WORDS[mode].hint;
    toggle.textContent = WORDS[mode].toggle;
  }

  input.addEventListener('input', (/** @type {InputEvent} */ event) => {
    input.removeAttribute('aria-invalid');
    if (event.isComposing || mode === 'recovery') return;
    const digits = input.value.replace(/[^0-9]/g, '');
    const atOnce = arrivedAtOnce(event, digits.length - before);
    if (toggle && atOnce && looksLikeRecoveryCode(input.value)) {
      setMode('recovery');
      return;
    }
    before = digits.length;
    if (digits !== input.value) {
      const caret = input.value.slice(0, input.selectionStart ?? undefined).replace(/[^0-9]/g, '').length;
      input.value = digits;
      input.setSelectionRange(caret, caret);
    }
    if (form && atOnce && /^[0-9]{6,8}$/.test(digits)) form.requestSubmit();
  });

  if (toggle) {
    toggle.addEventListener('click', () => {
      setMode(mode === 'totp' ? 'recovery' : 'totp');
      input.value = '';
      before = 0;
      input.focus();
    });
    setMode('totp');
  }

  return {
    setMode,
    value: () => input.value.trim(),
    /** After a refusal: the text is selected, so that the next code replaces it. */
    refuse() {
      input.setAttribute('aria-invalid', 'true');
      input.focus();
      input.select();
    },
  };
}

/**
 * Tells a pasted or filled-in value from a typed key.
 * @param {InputEvent} event @param {number} grown
 */
function arrivedAtOnce(event, grown) {
  const kind = event.inputType ?? '';
  if (grown >= 6) return true;
  if (/^(insertComposition|delete|history)/.test(kind)) return false;
  return kind !== 'insertText' || (event.data ?? '').length > 1;
}

/** @param {string} text */
function looksLikeRecoveryCode(text) {
  return /[a-z]/i.test(text) && /^[a-z0-9]{12,}$/i.test(text.replace(/[\s-]/g, ''));
}
