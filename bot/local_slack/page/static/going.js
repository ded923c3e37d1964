// Going from place to place: the server renders the page that a link leads to, and its parts are
// put where the old ones were. What stands beside the workspace (its panels) stays as it is.

import {keepDrafts} from './drafts.js';
import {connect, disconnect} from './live.js';
import {openModal} from './modals.js';
import {put} from './parts.js';
import {here, order, say} from './talk.js';

const PARTS = ['people', 'sidebar', 'main', 'thread', 'modal', 'missed'];
const FACTS = ['user', 'name', 'place', 'thread'];
let turn = 0;
let search = location.search;

/** Show what the address leads to, for the acting person unless it names one.
 *
 * Rejected when the server does not answer: then everything stays as it is.
 */
export async function go(address, remember = true) {
  const mine = ++turn;
  const pane = here().pane;
  const url = new URL(address, `${location.origin}/`);
  if (!url.searchParams.has('as')) url.searchParams.set('as', here().user);
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  const next = new DOMParser().parseFromString(await response.text(), 'text/html');
  if (mine !== turn) return; // the last link counts
  disconnect();
  show(next);
  if (here().pane === pane) here().pane = 'chat'; // another one was chosen meanwhile: it stays
  url.searchParams.set('in', here().place);
  if (remember) history.pushState(null, '', url); else history.replaceState(null, '', url);
  search = location.search;
  enter();
}

function show(next) {
  const facts = {...here()};
  const then = next.body.dataset;
  const anew = then.user !== facts.user;
  for (const name of FACTS) here()[name] = then[name];
  here().after ||= then.after; // what was not sent yet comes then, also beside
  document.title = next.title;
  // Who opens a thread stays where they are in the channel: it is kept up to date by itself.
  const stays = !anew && then.place === facts.place && facts.after;
  const parts = PARTS.filter((id) => id !== 'main' || !stays);
  for (const id of parts) put(document.adoptNode(next.getElementById(id)), anew || then.place !== facts.place);
  for (const live of next.querySelectorAll('.panel > [id$="-live"]')) put(document.adoptNode(live));
  if (then.thread && then.thread !== facts.thread) document.querySelector('#reply textarea')?.focus();
}

/** What follows once a place is on the screen. */
export function enter() {
  connect({go, read});
  keepDrafts(document);
  openModal();
  if (here().place === 'home') order('home', {});
  read();
}

/** The acting person has read what is on the screen. */
export function read() {
  const {place: channel, thread} = here();
  if (channel === 'home' || document.visibilityState !== 'visible') return;
  order('read', {channel, thread_ts: thread || null});
}

// The workspace's own addresses of channels lead to them here, as they do in Slack.
function within(link) {
  if (!link || link.matches('[data-go]')) return link?.getAttribute('href');
  const {hostname, origin, pathname, searchParams} = new URL(link.href, location);
  const at = hostname === 'slack.com' || origin === location.origin;
  const redirect = at && pathname === '/app_redirect';
  const archive = hostname === `${here().domain}.slack.com` && /^\/archives\/(\w+)/.exec(pathname);
  const channel = redirect ? searchParams.get('channel') : archive && archive[1];
  return /^[CDG]\w+$/.test(channel || '') ? `?in=${channel}` : null;
}

document.addEventListener('click', (event) => {
  const address = within(event.target.closest('a[href]'));
  if (!address || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go(address).catch(() => say('The workspace does not answer. Try again.'));
});
document.addEventListener('keydown', (event) => {
  const thread = event.key === 'Escape' && event.target.closest?.('#thread');
  if (thread && !thread.querySelector('.offers')) thread.querySelector('a[data-go]')?.click();
});
addEventListener('popstate', () => {
  if (location.search === search) return; // only a #place within the page
  go(location.href, false).catch(() => location.reload());
});
document.addEventListener('visibilitychange', read);
addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });
