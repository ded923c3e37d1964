// What is entered in an element of Block Kit, as the control API takes it.

const richText = (text) => ({
  type: 'rich_text',
  elements: [{type: 'rich_text_section', elements: [{type: 'text', text}]}],
});

/** A text, a chosen value or date, a list where many can be chosen; null for nothing. */
export function entered(field) {
  const {type} = field.dataset;
  if (field.matches('.ticks')) {
    const chosen = [...field.querySelectorAll('input:checked')].map((tick) => tick.value);
    return type === 'radio_buttons' ? chosen[0] ?? null : chosen;
  }
  if (field.multiple) return [...field.selectedOptions].map((option) => option.value);
  if (!field.value) return null;
  if (type === 'datetimepicker') return Math.floor(new Date(field.value).getTime() / 1000);
  return type === 'rich_text_input' ? richText(field.value) : field.value;
}

/** What is entered in all input blocks of a view, by block and action id. */
export function values(view) {
  const found = {};
  for (const input of view.querySelectorAll('[data-input]')) {
    const field = input.querySelector('[data-action]');
    if (field) found[input.dataset.input] = {[field.dataset.action]: entered(field)};
  }
  return found;
}

// A moment is shown in the browser's own zone, as it is entered.
const two = (number) => String(number).padStart(2, '0');

/** Fill in the moments that the server knows as Unix time. */
export function showMoments(root) {
  for (const field of root.querySelectorAll('input[data-unix]')) {
    const at = new Date(field.dataset.unix * 1000);
    field.defaultValue = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
    field.removeAttribute('data-unix');
  }
}
