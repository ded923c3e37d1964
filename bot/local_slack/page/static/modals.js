// Modals: shown, filled in, submitted, closed; and the question before a dangerous click.

import {values} from './fields.js';
import {order, trouble} from './talk.js';

let opener = '';

/** Show the modal that is there, if there is one. */
export function openModal() {
  const dialog = document.querySelector('#modal dialog');
  if (!dialog) { back(); return; }
  if (dialog.open) return;
  if (document.activeElement?.id) opener = document.activeElement.id;
  dialog.addEventListener('cancel', (event) => { event.preventDefault(); close(dialog); });
  dialog.showModal();
  const field = dialog.querySelector('[data-first]') || dialog.querySelector('[data-input] [data-action]');
  (field?.matches('.ticks') ? field.querySelector('input') : field)?.focus();
}

// The focus goes back to where it was, or to where one writes when that is gone.
function back() {
  if (!opener) return;
  (document.getElementById(opener) || document.querySelector('#composer textarea'))?.focus();
  opener = '';
}

function close(dialog, everything = false) {
  order('close', {view_id: dialog.dataset.view, everything});
}

async function submit(dialog) {
  const button = dialog.querySelector('[data-submit]');
  if (!button || button.ariaBusy === 'true') return;
  button.ariaBusy = 'true';
  const result = await order('submit', {view_id: dialog.dataset.view, values: values(dialog)});
  button.ariaBusy = 'false';
  complain(dialog, result.errors || {}, trouble(result) || failed(result));
}

const failed = ({outcome, reason}) => (outcome === 'failed' ? `We had some trouble connecting. (${reason?.error || reason})` : '');

function complain(dialog, errors, words) {
  for (const input of dialog.querySelectorAll('[data-input]')) {
    const said = errors[input.dataset.input] || '';
    const [line, field] = [input.querySelector('.error'), input.querySelector('[data-action]')];
    line.textContent = said;
    line.hidden = !said;
    line.id ||= `error-${input.dataset.input}`;
    if (said) field?.setAttribute('aria-invalid', 'true'); else field?.removeAttribute('aria-invalid');
    if (said) field?.setAttribute('aria-errormessage', line.id);
  }
  const general = dialog.querySelector('.trouble');
  general.textContent = words;
  general.hidden = !words;
  dialog.querySelector('[aria-invalid]')?.focus();
}

/** Ask before a click that wants it; answers whether to go on. */
export async function confirmed(element) {
  const asked = element.dataset;
  if (asked.confirm === undefined) return true;
  const dialog = document.getElementById('confirm');
  const [no, yes] = dialog.querySelectorAll('footer button');
  dialog.querySelector('h2').textContent = asked.confirmTitle;
  dialog.querySelector('.modal-body').innerHTML = asked.confirm; // rendered by the server
  no.textContent = asked.confirmNo;
  yes.textContent = asked.confirmYes;
  yes.className = `button ${asked.confirmStyle}`;
  dialog.returnValue = 'no';
  dialog.showModal();
  await new Promise((resolve) => { dialog.addEventListener('close', resolve, {once: true}); });
  return dialog.returnValue === 'yes';
}

document.addEventListener('submit', (event) => {
  const dialog = event.target.closest('dialog[data-view]');
  if (!dialog) return;
  event.preventDefault();
  submit(dialog);
});
document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-close]');
  if (button) close(button.closest('dialog'), button.dataset.close === 'everything');
});
