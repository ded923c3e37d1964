// Putting parts into the page. Whoever was typing goes on typing: focus, scroll, open menus and what
// was entered by hand survive.

import {keepDrafts} from './drafts.js';
import {showMoments} from './fields.js';
import {openModal} from './modals.js';

const FIELDS = 'input[id], textarea[id]:not([data-draft]), select[id]';
const SCROLLED = '.scroller, .modal-body, .terminal, #replies';

function dirty(field) {
  if (field.type === 'checkbox' || field.type === 'radio') return field.checked !== field.defaultChecked;
  if (field.options) return [...field.options].some((o) => o.selected !== o.defaultSelected);
  return field.value !== field.defaultValue;
}

const same = (root, element) => root.querySelector(`#${CSS.escape(element.id)}`);

function carry(old, fresh) {
  for (const field of old.querySelectorAll(FIELDS)) {
    const now = dirty(field) && same(fresh, field);
    if (!now) continue;
    if (field.options) [...now.options].forEach((o) => { o.selected = [...field.selectedOptions].some((s) => s.value === o.value); });
    else if ('checked' in field && field.name) now.checked = field.checked;
    else now.value = field.value;
  }
  for (const menu of old.querySelectorAll('details[id][open]')) {
    same(fresh, menu)?.setAttribute('open', '');
  }
}

// Where the focus was, if need be in a block of another id; unless that is gone: then on what it was in.
function refocus(was, fresh, {selectionStart, selectionEnd}) {
  const {action} = was.dataset;
  const now = (was.id && document.getElementById(was.id))
    || (action && fresh.querySelector(`[data-action="${CSS.escape(action)}"]`));
  if (!now && fresh.matches('.message')) fresh.tabIndex = -1;
  (now || fresh).focus({preventScroll: true});
  if (now && typeof selectionStart === 'number') now.setSelectionRange(selectionStart, selectionEnd);
}

/** Put an element in the place of the one with its id, of the same person unless `anew`. */
export function put(fresh, anew = false) {
  const old = document.getElementById(fresh.id);
  if (!anew && old.isEqualNode(fresh)) return; // a click on its way is not lost
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const scrolled = [...old.querySelectorAll(SCROLLED)].map((part) => part.scrollTop);
  showMoments(fresh);
  if (!anew) carry(old, fresh);
  const selected = focused && {selectionStart: focused.selectionStart, selectionEnd: focused.selectionEnd};
  old.replaceWith(fresh);
  keepDrafts(fresh);
  if (fresh.id === 'modal') openModal();
  if (!anew) fresh.querySelectorAll(SCROLLED).forEach((part, n) => { part.scrollTop = scrolled[n] ?? 0; });
  if (focused) refocus(focused, fresh, selected);
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
