// Going from place to place: the server renders the page that a link leads to, and its parts are
// put where the old ones were. What stands beside the workspace (its panels) stays as it is.

import {connect, disconnect} from './live.js';
import {openModal} from './modals.js';
import {put} from './parts.js';
import {here, order} from './talk.js';

const PARTS = ['people', 'sidebar', 'main', 'thread', 'modal'];
const FACTS = ['user', 'place', 'thread'];
let turn = 0;
let search = location.search;

/** Show what the address leads to, for the acting person unless it names one. */
export async function go(address, remember = true) {
  const mine = ++turn;
  const url = new URL(address, `${location.origin}/`);
  if (!url.searchParams.has('as')) url.searchParams.set('as', here().user);
  const response = await fetch(url);
  const next = new DOMParser().parseFromString(await response.text(), 'text/html');
  if (mine !== turn) return; // the last link counts
  disconnect();
  for (const id of PARTS) put(document.adoptNode(next.getElementById(id)));
  for (const live of next.querySelectorAll('.panel > [id$="-live"]')) put(document.adoptNode(live));
  for (const name of FACTS) here()[name] = next.body.dataset[name];
  here().after ||= next.body.dataset.after; // what was not sent yet comes then, also beside
  here().pane = 'chat';
  document.title = next.title;
  if (remember) history.pushState(null, '', url);
  search = location.search;
  enter();
}

/** What follows once a place is on the screen. */
export function enter() {
  connect({go, read});
  openModal();
  if (here().place === 'home') order('home', {});
  read();
}

/** The acting person has read what is on the screen. */
export function read() {
  const {place} = here();
  if (place !== 'home' && document.visibilityState === 'visible') order('read', {channel: place});
}

// Slack's own addresses of channels lead to them here, as they do in Slack.
function within(link) {
  if (!link || link.matches('[data-go]')) return link?.getAttribute('href');
  const {hostname, pathname, searchParams} = new URL(link.href, location);
  if (!/(^|\.)slack\.com$/.test(hostname)) return null;
  const channel = searchParams.get('channel') || /^\/archives\/(\w+)/.exec(pathname)?.[1];
  return channel && `?in=${channel}`;
}

document.addEventListener('click', (event) => {
  const address = within(event.target.closest('a[href]'));
  if (!address || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go(address);
});
addEventListener('popstate', () => {
  if (location.search !== search) go(location.href, false); // else only a #place within the page
});
document.addEventListener('visibilitychange', read);
addEventListener('pageshow', (event) => { if (event.persisted) go(location.href, false); });
