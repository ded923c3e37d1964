// What was written and not sent yet is kept: for each person, place and thread, until it is sent.

import {here} from './talk.js';

const key = (area) => `draft ${here().user} ${area.id}`;

/** Show what was written before, in each place to write of a part. */
export function keepDrafts(part) {
  for (const area of part.querySelectorAll('[data-draft]')) {
    area.value = sessionStorage.getItem(key(area)) ?? '';
  }
}

/** Keep what stands there now. */
export function draft(area) {
  if (area.value) sessionStorage.setItem(key(area), area.value);
  else sessionStorage.removeItem(key(area));
}

document.addEventListener('input', ({target}) => { if (target.matches('[data-draft]')) draft(target); });
