// Putting parts into the page. Whoever was typing goes on typing: focus, open menus and what was
// entered by hand survive.

import {showMoments} from './fields.js';

const FIELDS = 'input[id], textarea[id], select[id], .ticks input';

function dirty(field) {
  if (field.type === 'checkbox' || field.type === 'radio') return field.checked !== field.defaultChecked;
  if (field.options) return [...field.options].some((o) => o.selected !== o.defaultSelected);
  return field.value !== field.defaultValue;
}

function same(root, field) {
  if (field.id) return root.querySelector(`#${CSS.escape(field.id)}`);
  return root.querySelector(`input[name="${CSS.escape(field.name)}"][value="${CSS.escape(field.value)}"]`);
}

function carry(old, fresh) {
  for (const field of old.querySelectorAll(FIELDS)) {
    const now = dirty(field) && same(fresh, field);
    if (!now) continue;
    if (field.options) [...now.options].forEach((o) => { o.selected = [...field.selectedOptions].some((s) => s.value === o.value); });
    else if ('checked' in field && field.name) now.checked = field.checked;
    else now.value = field.value;
  }
  for (const menu of old.querySelectorAll('details[id][open]')) {
    fresh.querySelector(`#${CSS.escape(menu.id)}`)?.setAttribute('open', '');
  }
}

/** Put an element in the place of the one with its id. */
export function put(fresh) {
  const old = document.getElementById(fresh.id);
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  showMoments(fresh);
  carry(old, fresh);
  old.replaceWith(fresh);
  if (focused?.id) document.getElementById(focused.id)?.focus({preventScroll: true});
}

/** Put what the server has sent: in the place of the old, at the end of `into`, or away. */
export function putSent({id, html, into, first}) {
  const template = document.createElement('template');
  template.innerHTML = html;
  const fresh = template.content.firstElementChild;
  const old = document.getElementById(id);
  if (fresh && old) { put(fresh); return; }
  old?.remove();
  if (!fresh) return;
  const place = document.getElementById(into);
  if (place?.lastElementChild?.dataset.ts > fresh.dataset.ts) return; // further up, not fetched yet
  showMoments(fresh);
  if (first) place?.prepend(fresh); else place?.append(fresh);
  if (into === 'replies') fresh.scrollIntoView({block: 'end'});
}
