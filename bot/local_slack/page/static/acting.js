// Clicks on elements of messages, modals and home tabs, and choices in their menus.

import {entered, values} from './fields.js';
import {confirmed} from './modals.js';
import {here, order, say, trouble} from './talk.js';

function surface(element) {
  const view = element.closest('[data-view]');
  if (view) return {view_id: view.dataset.view, values: values(view)};
  return {channel: here().place, ts: element.closest('[data-ts]').dataset.ts};
}

async function tell(element, value) {
  if (element.ariaBusy === 'true' || !await confirmed(element)) return;
  element.ariaBusy = 'true';
  const {action, block} = element.dataset;
  const result = await order('click', {...surface(element), action_id: action, block_id: block, value});
  element.ariaBusy = 'false';
  say(trouble(result));
}

async function act(what, body) { say(trouble(await order(what, body))); }

document.addEventListener('click', (event) => {
  const element = event.target.closest('button[data-action], a[data-action]');
  if (element) tell(element, element.dataset.value);
  const reaction = event.target.closest('[data-react]');
  if (reaction) act('react', {...surface(reaction), name: reaction.dataset.react});
  const shortcut = event.target.closest('[data-shortcut]');
  if (shortcut) act('shortcut', {...(shortcut.closest('[data-ts]') && surface(shortcut)), callback_id: shortcut.dataset.shortcut});
  if (event.target.closest('[data-join]')) act('join', {channel: here().place});
  for (const menu of document.querySelectorAll('details.menu[open]')) {
    if (!menu.contains(event.target) || event.target.closest('.menu-items')) menu.open = false;
  }
});
document.addEventListener('change', (event) => {
  const element = event.target.closest('[data-tells]');
  if (element) tell(element, entered(element));
});
document.addEventListener('keydown', (event) => {
  const menu = event.key === 'Escape' && event.target.closest?.('details.menu[open]');
  if (!menu) return;
  menu.open = false;
  menu.querySelector('summary').focus();
});
// A menu lies over everything: neither its message nor the list of messages cuts it off.
function lay(menu) {
  const items = menu.querySelector('.menu-items');
  const {left, top, bottom} = menu.getBoundingClientRect();
  const up = items.offsetHeight > innerHeight - bottom - 8 && top > innerHeight - bottom;
  items.style.left = `${Math.max(8, Math.min(left, innerWidth - items.offsetWidth - 8))}px`;
  items.style.top = `${up ? top - items.offsetHeight - 4 : bottom + 4}px`;
}

document.addEventListener('toggle', ({target: menu}) => {
  if (!menu.matches?.('details.menu[open]')) return;
  const items = menu.querySelector('.menu-items');
  items.popover = 'manual';
  items.showPopover();
  lay(menu);
}, true);
document.addEventListener('scroll', ({target}) => {
  for (const menu of document.querySelectorAll('details.menu[open]')) {
    if (target.contains(menu)) lay(menu);
  }
}, true);
