// What stands beside the workspace, as tabs; on a narrow screen one part of the page at a time.

import {here} from './talk.js';

function select(tab) {
  for (const other of tab.parentElement.children) {
    const is = other === tab;
    other.ariaSelected = String(is);
    other.tabIndex = is ? 0 : -1;
    document.getElementById(other.getAttribute('aria-controls')).hidden = !is;
  }
}

/** Show one part of the page where there is room for one only. */
export function show(pane) {
  const tab = document.getElementById(`tab-${pane}`);
  if (tab?.matches('#side [role=tab]')) select(tab);
  here().pane = pane;
}

new MutationObserver(() => {
  for (const button of document.querySelectorAll('#panes button')) {
    button.ariaCurrent = String(button.dataset.show === here().pane);
  }
}).observe(document.body, {attributeFilter: ['data-pane']});

document.addEventListener('click', (event) => {
  const tab = event.target.closest('#side [role=tab]');
  if (tab) select(tab);
  const pane = event.target.closest('[data-show]');
  if (pane) show(pane.dataset.show);
});
document.addEventListener('keydown', (event) => {
  const tab = event.target.closest?.('#side [role=tab]');
  const next = {ArrowRight: 'nextElementSibling', ArrowLeft: 'previousElementSibling'}[event.key];
  const other = tab && next && tab[next];
  if (!other) return;
  select(other);
  other.focus();
});
// A call's arguments and answer are fetched when somebody wants to see them.
document.addEventListener('toggle', async (event) => {
  const call = event.target;
  const body = call.querySelector?.('.call-body');
  if (!call.open || !body || body.childElementCount) return;
  const response = await fetch(`/page/call/${call.dataset.call}?as=${here().user}`);
  body.innerHTML = await response.text();
}, true);
