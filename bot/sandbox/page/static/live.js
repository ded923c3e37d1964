// The page kept up to date: the server sends each part that has changed.

import {go, read} from './going.js';
import {openModal} from './modals.js';
import {putSent} from './parts.js';
import {here} from './talk.js';

const MOST_CALLS = 300;
const PATIENCE = 1000;
let socket = null;

/** Follow what happens from what the page shows on. */
export function connect() {
  const {user, place, thread, after} = here();
  const query = new URLSearchParams({as: user, in: place, thread, after});
  const mine = new WebSocket(`${location.origin.replace('http', 'ws')}/page/live?${query}`);
  mine.onopen = () => lost(false);
  mine.onmessage = ({data}) => { if (socket === mine) take(JSON.parse(data)); };
  mine.onclose = () => { if (socket === mine) again(); };
  socket = mine;
}

/** Follow no more. */
export function disconnect() {
  const old = socket;
  socket = null;
  old?.close();
}

function take({parts = [], go: address}) {
  if (address) { go(address); return; }
  for (const part of parts) putSent(part);
  const ids = parts.map((part) => part.id);
  if (ids.includes('modal')) openModal();
  if (ids.some((id) => id.startsWith('m-'))) read();
  const calls = document.getElementById('calls');
  while (calls.childElementCount > MOST_CALLS) calls.lastElementChild.remove();
}

// Whatever was missed meanwhile is in the page as the server has it now.
async function again() {
  lost(true);
  await new Promise((resolve) => { setTimeout(resolve, PATIENCE); });
  try { await go(location.href, false); } catch { again(); }
}

function lost(is) { document.getElementById('lost').hidden = !is; }

addEventListener('pagehide', disconnect);
addEventListener('pageshow', (event) => { if (event.persisted) go(location.href, false); });
