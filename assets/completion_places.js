// Completion in the prompt editor, first half: where the caret stands in a template, and what can
// be written there. Only texts come in and go out; completion.js shows them.
// `data` is what pages/_ui/prompt_completion.py hands over.

const TAG = /\{[{%][-+]?(?:"[^"]*"|'[^']*'|(?!\{[{%#]|[%}]\})[^"'])*$/; // not closed, nor in quotes
const COMMENT = /\{#[^]*?(?:#\}|$)/g;
const BLOCK = /\{%[-+]?\s*(\w+)(?:\s+([\p{L}\p{N}_]+)\s+in\s+([\p{L}\p{N}_]+))?/gu;
const PLACES = [ // what a tag holds before the word at the caret
  ["output", /^\{\{[-+]?\s*$/],
  ["filter", /^\{(?:\{(?![-+]?\s*soft\b)|%[-+]?\s*for\s)[^]*\|\s*$/],
  ["tag", /^\{%[-+]?\s*$/],
  ["condition", /^\{%[-+]?\s*(?:el)?if\s+$/],
  ["negated", /^\{%[-+]?\s*(?:el)?if\s+not\s+$/],
  ["list", /^\{%[-+]?\s*for\s+[\p{L}\p{N}_]+\s+in\s+$/u],
];

// Where the caret stands: the place, the word, and the texts around; undefined where none is.
function placeAt(source, caret) {
  const before = source.slice(0, caret).replace(COMMENT, (comment) => " ".repeat(comment.length));
  const inside = before.match(TAG)?.[0] ?? "";
  const word = inside.match(/[\p{L}\p{N}_]*$/u)[0];
  const tag = inside.slice(0, inside.length - word.length);
  const place = PLACES.find(([, form]) => form.test(tag))?.[0];
  const [rest] = source.slice(caret).match(/^[\p{L}\p{N}_]*/u);
  const [start, end] = [caret - word.length, caret + rest.length];
  const above = before.slice(0, before.length - inside.length);
  return place && { place, word, tag, above, after: source.slice(end), start, caret, end };
}

// The blocks that are still open at the end of `text`, the innermost first.
function openBlocks(text, blocks) {
  const open = [];
  for (const [, tag, name, list] of text.matchAll(BLOCK)) {
    if (Object.hasOwn(blocks, tag)) open.unshift({ tag, name, list, end: blocks[tag] });
    else if (tag === open[0]?.end) open.shift();
    else if (tag === "else" && open.length) open[0].last = true; // no other branch follows
  }
  return open;
}

// What can be written there: names that begin with the word, then those that hold it.
function offersAt({ place, word, above, after }, { offers, blocks, entry }) {
  const open = openBlocks(above, blocks);
  const loops = open.filter((block) => block.name);
  let allowed = offers[place];
  if (place === "tag") {
    const unclosed = openBlocks(above + after, blocks).map((block) => block.end);
    allowed = allowed.filter(({ name }) => Object.hasOwn(blocks, name) ||
      (name === open[0]?.end && unclosed.includes(name)) ||
      (name.startsWith("el") && open[0]?.tag === "if" && !open[0].last));
  } else if (loops.length && place !== "filter" && place !== "list") {
    const entries = loops.map(({ name, list }) => (
      { name, text: name, hint: entry.replace("{list}", () => list), more: "" }));
    allowed = [...entries, ...allowed.filter(({ name }) => name !== "soft")];
  }
  const at = ({ name }) => name.toLowerCase().indexOf(word.toLowerCase());
  return [...allowed.filter((one) => at(one) === 0), ...allowed.filter((one) => at(one) > 0)];
}

// An offer as it is written, what has to follow it included; `caret` counts from its beginning.
function completed(offer, { tag, above, after }, blocks) {
  let text = after.startsWith("(") ? offer.name : offer.text; // an argument is there already
  if (/[{%]$/.test(tag)) text = ` ${text}`;
  const caret = text.length;
  if (text.endsWith(" ") || /^[^{}]*\}/.test(after)) return { text, caret };
  if (tag.startsWith("{{")) return { text: `${text} }}`, caret }; // a filter may come before }}
  text += " %}";
  const end = blocks[tag.match(/\w+/)?.[0]];
  const isUnclosed = openBlocks(above + tag + text + after, blocks).some((one) => one.end === end);
  return { text: isUnclosed ? `${text}{% ${end} %}` : text, caret: text.length };
}
