// The panel's behaviour: it asks the server, shows what it answers, and lets the clocks go on.
// Parts of the panel are replaced at any time: nothing in it is held on to, and what happens there
// is caught at the document.

const ACCEPTED = 202;
const UNITS = [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']];
const asked = new Set(); // what waits or is under way
let last = Promise.resolve();

const part = (name) => document.getElementById(`pipeline-${name}`);

async function ask(path, order) {
  const post = {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(order)};
  try {
    return await (await fetch(`/pipeline/${path}`, order && post)).json();
  } catch {
    return {said: 'The demo does not answer. Was it stopped?'};
  }
}

/** Do one thing after another; what is asked for again before it was done is done once. */
function inTurn(name, work) {
  if (asked.has(name)) return;
  asked.add(name);
  last = last.catch(() => {}).then(work).finally(() => asked.delete(name));
}

/** A new violation of the kind that is chosen, as if nothing had been edited. */
async function fresh() {
  const {body, said} = await ask(`example/${part('example').value}`);
  if (said) { show({said}); return; }
  part('body').defaultValue = part('body').value = body;
}

async function send(order) {
  const edited = part('body').value !== part('body').defaultValue;
  const answer = await ask('send', order);
  show(answer);
  part('again').disabled = false;
  if (answer.status === ACCEPTED && !edited) await fresh(); // the next one opens a room of its own
}

function show({said, status, answer, refused = []}) {
  const [line, body] = part('said').children;
  line.textContent = said;
  body.textContent = typeof answer === 'object' ? JSON.stringify(answer, null, 2) : answer ?? '';
  body.hidden = !body.textContent;
  part('said').open = status !== ACCEPTED && !refused.length; // what went wrong is read at once
  part('said').hidden = false;
  tellWhy(refused);
}

/** Why it was refused, beside what was sent. */
function tellWhy(refused) {
  part('refused').replaceChildren(...refused.map(({path, message}) => {
    const item = document.createElement('li');
    const field = document.createElement('code');
    field.textContent = path;
    item.append(...(path ? [field, ' '] : []), message);
    return item;
  }));
  part('refused').hidden = !refused.length;
  part('body').ariaInvalid = String(refused.length > 0);
  if (refused.length) part('edit').open = true;
}

/** More at once than the policy opens rooms for; how far it is stands in the live part. */
async function sendStorm() {
  part('send-storm').disabled = true;
  const answer = await ask('storm', {example: part('example').value});
  part('send-storm').disabled = false;
  if (answer.said) show(answer);
}

async function skip(seconds) {
  const {said} = await ask('skip', seconds ? {seconds: Number(seconds)} : {});
  part('moved').textContent = said;
}

/** A new commit, the same `again`, or `cancel`; what the check writes stands in the live part. */
async function check(what) {
  const order = what === 'new' ? {script: part('script').value} : {};
  const {said} = await ask(what === 'cancel' ? 'cancel' : 'check', order);
  part('moved').textContent = said ?? '';
}

document.addEventListener('submit', (event) => {
  if (event.target !== part('form')) return;
  event.preventDefault();
  inTurn('send', () => send({example: part('example').value, body: part('body').value}));
});
document.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (button?.id === 'pipeline-again') inTurn('again', async () => show(await ask('again', {})));
  if (button?.id === 'pipeline-send-storm') inTurn('storm', sendStorm);
  const checked = button?.dataset.check;
  if (checked) inTurn(`check ${checked}`, () => check(checked));
  const seconds = button?.dataset.skip;
  if (seconds !== undefined) inTurn(`skip ${seconds}`, () => skip(seconds));
});
document.addEventListener('change', (event) => {
  if (event.target === part('example')) inTurn(`example ${event.target.value}`, fresh);
});

// As the server writes it: 28 s, 9 min 58 s, 1 h 2 min, 29 d 23 h.
function countdown(seconds) {
  const left = Math.max(0, Math.round(seconds));
  const at = UNITS.findIndex(([length]) => left >= length);
  if (at < 0 || at === UNITS.length - 1) return `${left} s`;
  const [[large, unit], [small, smaller]] = UNITS.slice(at, at + 2);
  const more = Math.floor(left % large / small);
  return `${Math.floor(left / large)} ${unit}${more ? ` ${more} ${smaller}` : ''}`;
}

setInterval(() => {
  const live = part('live');
  if (!live) return;
  const now = Date.now() / 1000 + Number(live.dataset.ahead);
  for (const time of live.querySelectorAll('[data-until]')) {
    time.textContent = countdown(Number(time.dataset.until) - now);
  }
  // Swedish, since it is written as the server does: 2026-11-20 09:12:00.
  part('clock').textContent = new Date(now * 1000).toLocaleString('sv-SE');
}, 1000);
