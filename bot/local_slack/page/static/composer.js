// Where one writes: messages, replies, slash commands, with completion of commands and names.

import {draft} from './drafts.js';
import {here, order, trouble} from './talk.js';

const box = (element) => element.closest?.('form.composer');

function suggestions(area) {
  const before = area.value.slice(0, area.selectionStart);
  const commands = JSON.parse(area.dataset.commands);
  const [, typed] = /^(\/\S*)$/.exec(before) || [];
  if (typed !== undefined) return offered(commands, typed, true);
  const [, name, word] = /^(\/\S+)\s+(\S*)$/.exec(before) || [];
  const command = commands.find((one) => one.name === name);
  if (command) {
    const words = offered(command.words.map((one) => ({name: one, about: ''})), word, word !== '');
    if (words.items.length) return words;
  }
  const [, mention] = /(?:^|\s)(@\S*)$/.exec(before) || [];
  return offered(mention ? JSON.parse(area.dataset.people) : [], mention || '', true);
}

// What is typed in full is meant as it is: nothing is chosen for it.
const offered = (all, typed, eager) => ({
  typed,
  eager: eager && !all.some((one) => one.name === typed),
  items: all.filter((one) => one.name.startsWith(typed) && one.name !== typed),
});

function suggest(area) {
  const {items, eager} = suggestions(area);
  const form = box(area);
  form.querySelector('.offers')?.remove();
  area.removeAttribute('aria-activedescendant');
  if (!items.length) return;
  const list = document.createElement('ul');
  list.className = 'offers';
  list.id = `${form.id}-offers`;
  list.setAttribute('role', 'listbox');
  list.setAttribute('aria-label', 'Suggestions');
  items.slice(0, 10).forEach((item, index) => list.append(offer(item, `${list.id}-${index}`)));
  form.prepend(list);
  area.setAttribute('aria-controls', list.id);
  if (eager) choose(area, list.firstElementChild);
}

function offer({name, about}, id) {
  const item = document.createElement('li');
  const [first, rest] = [document.createElement('b'), document.createElement('span')];
  first.textContent = name;
  rest.textContent = about;
  item.append(first, ' ', rest);
  item.id = id;
  item.dataset.name = name;
  item.setAttribute('role', 'option');
  return item;
}

function choose(area, item) {
  for (const other of item.parentElement.children) other.ariaSelected = String(other === item);
  area.setAttribute('aria-activedescendant', item.id);
  item.scrollIntoView({block: 'nearest'});
}

function take(area, item) {
  const {typed} = suggestions(area);
  const at = area.selectionStart;
  area.setRangeText(`${item.dataset.name} `, at - typed.length, at, 'end');
  draft(area);
  suggest(area);
}

const chosen = (form) => form.querySelector('.offers [aria-selected="true"]');

function move(area, list, by) {
  const items = [...list.children];
  const index = items.indexOf(chosen(box(area)));
  choose(area, items[(index + by + items.length) % items.length]);
}

const isCommand = (area) => JSON.parse(area.dataset.commands).some((one) => one.name === area.value);

function goOn(area) {
  area.value += ' ';
  suggest(area);
}

function key(event, area) {
  const form = box(area);
  const list = form.querySelector('.offers');
  if (event.isComposing) return false;
  if (list && event.key === 'ArrowDown') move(area, list, 1);
  else if (list && event.key === 'ArrowUp') move(area, list, -1);
  else if (list && event.key === 'Escape') list.remove();
  else if (list && event.key === 'Tab' && !event.shiftKey) take(area, chosen(form) || list.firstElementChild);
  else if (event.key === 'Tab' && !event.shiftKey && isCommand(area)) goOn(area);
  else if (event.key === 'Enter' && !event.shiftKey && chosen(form)) take(area, chosen(form));
  else if (event.key === 'Enter' && !event.shiftKey) form.requestSubmit();
  else return false;
  return true;
}

async function send(form) {
  const area = form.querySelector('textarea');
  const text = area.value.trim();
  if (!text) return;
  const {place: channel} = here();
  const {thread} = form.dataset;
  form.querySelector('.offers')?.remove();
  if (thread && text.startsWith('/')) {
    form.querySelector('.said').textContent = 'Slash commands can’t be used in threads.';
    return;
  }
  area.value = '';
  draft(area);
  const result = text.startsWith('/')
    ? await order('command', {channel, text})
    : await order('post', {channel, text, thread_ts: thread});
  const words = trouble(result) || (result.refused ? `The answer can’t be shown: ${result.refused.error}` : '');
  form.querySelector('.said').textContent = words;
  if (words && !area.value) { // nothing that was typed is lost
    area.value = text;
    draft(area);
  }
  const scroller = !thread && !words && document.querySelector('.scroller');
  if (scroller) scroller.scrollTop = 0; // where the newest stands
}

document.addEventListener('input', (event) => {
  if (!event.target.matches('form.composer textarea')) return;
  box(event.target).querySelector('.said').textContent = '';
  suggest(event.target);
});
document.addEventListener('keydown', (event) => {
  if (event.target.matches('form.composer textarea') && key(event, event.target)) event.preventDefault();
});
document.addEventListener('pointerdown', (event) => {
  const item = event.target.closest('.offers li');
  if (!item) return;
  event.preventDefault(); // the text keeps the focus
  take(box(item).querySelector('textarea'), item);
});
document.addEventListener('submit', (event) => {
  const form = box(event.target);
  if (!form) return;
  event.preventDefault();
  send(form);
});
