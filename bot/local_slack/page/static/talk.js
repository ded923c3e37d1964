// What the page says to the workspace, and what it says to its reader when that fails.

export const here = () => document.body.dataset;

/** Let the acting person do something: an order of the control API. Answers its JSON, always. */
export async function order(what, body) {
  try {
    const response = await fetch(`/page/act/${what}`, {
      method: 'POST',
      headers: {'Content-Type': 'application/json'},
      body: JSON.stringify({user: here().user, ...body}),
    });
    return await response.json();
  } catch {
    return {ok: false, reason: 'The workspace does not answer. Nothing was sent; try again.'};
  }
}

/** Why an act came to nothing, for its reader; empty when it did not. */
export function trouble(result) {
  if (!result.ok) return result.reason || result.error;
  const answer = result.answer;
  if (!answer || answer.acked) return '';
  return `The app did not answer as it should: “${answer.error}”. Try again.`;
}

let timer = 0;

/** Say something over what is shown, for a while; nothing said takes it away. */
export function say(words) {
  const said = document.getElementById('said');
  said.textContent = words;
  said.hidden = !words;
  clearTimeout(timer);
  if (words) timer = setTimeout(() => say(''), 8000);
}
