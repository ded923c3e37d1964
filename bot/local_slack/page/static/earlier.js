// Messages further up: fetched when the reader goes there, or to one of them.

import {showMoments} from './fields.js';
import {here, say} from './talk.js';

const NEAR = 900;
let fetching = false;

async function earlier(since = '') {
  const top = document.getElementById('earlier');
  if (!top || fetching) return;
  fetching = true;
  const {user, place} = here();
  const query = new URLSearchParams({as: user, in: place, before: top.dataset.before, since});
  try {
    const response = await fetch(`/page/earlier?${query}`);
    const template = document.createElement('template');
    template.innerHTML = await response.text();
    showMoments(template.content);
    if (response.ok && top.isConnected) top.replaceWith(template.content);
  } catch {
    say('The workspace does not answer. Try again.');
  } finally {
    fetching = false;
  }
}

document.addEventListener('scroll', ({target}) => {
  if (!target.matches?.('.scroller')) return;
  if (target.scrollHeight + target.scrollTop - target.clientHeight < NEAR) earlier();
}, true);
document.addEventListener('click', async (event) => {
  if (event.target.closest('#earlier')) earlier();
  const link = event.target.closest('a[href^="#m-"]');
  if (!link) return;
  const id = link.getAttribute('href').slice(1);
  if (!document.getElementById(id)) await earlier(id.slice(2));
  document.getElementById(id)?.scrollIntoView({block: 'center'});
});
