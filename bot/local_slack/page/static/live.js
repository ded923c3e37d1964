// The page kept up to date: the server sends each part that has changed.

import {putSent} from './parts.js';
import {here} from './talk.js';

const MOST_CALLS = 300;
const PATIENCE = 1000;
let socket = null;

/** Follow what happens from what the page shows on; `page` can go elsewhere and read what came. */
export function connect(page) {
  const {user, place, thread, after} = here();
  const query = new URLSearchParams({as: user, in: place, thread, after});
  const mine = new WebSocket(`${location.origin.replace('http', 'ws')}/page/live?${query}`);
  mine.onopen = () => lost(false);
  mine.onmessage = ({data}) => { if (socket === mine) take(page, JSON.parse(data)); };
  mine.onclose = () => { if (socket === mine) again(page); };
  socket = mine;
}

/** Follow no more. */
export function disconnect() {
  const old = socket;
  socket = null;
  old?.close();
}

function take(page, {parts = [], go, after}) {
  if (after) here().after = after;
  if (go) { page.go(go).catch(() => again(page)); return; }
  for (const part of parts) putSent(part);
  const ids = parts.map((part) => part.id);
  if (ids.some((id) => id.startsWith('m-'))) page.read();
  const calls = document.getElementById('calls');
  while (calls.childElementCount > MOST_CALLS) calls.lastElementChild.remove();
}

// Whatever was missed meanwhile is in the page as the server has it now.
async function again(page) {
  lost(true);
  here().after = ''; // a server that was started again counts anew
  await new Promise((resolve) => { setTimeout(resolve, PATIENCE); });
  try { await page.go(location.href, false); } catch { again(page); }
}

function lost(is) { document.getElementById('lost').hidden = !is; }

addEventListener('pagehide', disconnect);
