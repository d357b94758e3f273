// Completion in the prompt editor, second half: a list, at the caret, of what can be written there.
//
// The editor is Streamlit's own text area, found anew at each event, because Streamlit may replace
// it; where there is none, nothing happens. Names and values in `data` come from uploads: they are
// only ever put in as text.
//
// What is typed is also applied after a pause, as Ctrl+Enter would: Streamlit applies it when the
// editor is left, and a click on another page then overtakes it, or is lost.

const PAUSE = 700; // ms

// Put `text` in as if it were typed, so that Streamlit sees it. The command is an old one, but the
// only way that lets Ctrl+Z take it back; where a browser has it no more, the value itself is set.
function write(editor, start, end, text) {
  editor.setSelectionRange(start, end);
  if (document.execCommand("insertText", false, text)) return;
  const { set } = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value");
  set.call(editor, editor.value.slice(0, start) + text + editor.value.slice(end));
  editor.dispatchEvent(new Event("input", { bubbles: true }));
}

// Where a letter of the editor is in the window, measured on a copy laid out like the editor.
function boxOf(editor, offset) {
  const [copy, mark] = [document.createElement("div"), document.createElement("span")];
  const style = getComputedStyle(editor);
  for (const name of ["font", "letterSpacing", "padding"]) copy.style[name] = style[name];
  copy.style.cssText += `position: fixed; inset: 0 auto auto 0; width: ${editor.clientWidth}px;
    box-sizing: border-box; visibility: hidden; white-space: pre-wrap; overflow-wrap: break-word`;
  copy.append(editor.value.slice(0, offset), mark, editor.value.slice(offset));
  document.body.append(copy);
  const { offsetLeft, offsetTop, offsetHeight } = mark;
  copy.remove();
  const box = editor.getBoundingClientRect();
  const top = Math.min(Math.max(box.top, box.top + offsetTop - editor.scrollTop), box.bottom);
  return { left: box.left + offsetLeft, top, bottom: top + offsetHeight };
}

function element(tag, attributes, ...content) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...content); // texts become text, whatever is in them
  return made;
}

const leave = new WeakMap(); // an element of the page → what takes back all that was added for it

// Streamlit calls this again whenever `data` changes, and what it returns when the page is left.
export default function ({ data, parentElement }) {
  leave.get(parentElement)?.();
  const leaving = new AbortController();
  const list = element("div", { id: "pr-completion", role: "listbox", "aria-label": data.label,
    popover: "manual" }); // a popover is above everything and cut by nothing
  parentElement.append(list);
  let [editor, at, found, active, pause] = [null, null, [], 0, 0];

  const isOpen = () => list.matches(":popover-open");
  const apply = () => {
    clearTimeout(pause);
    if (isOpen()) return;
    editor?.dispatchEvent(
      new KeyboardEvent("keydown", { key: "Enter", ctrlKey: true, bubbles: true }));
  };
  const applySoon = () => {
    clearTimeout(pause);
    pause = setTimeout(apply, PAUSE);
  };
  const hide = () => {
    if (isOpen()) applySoon(); // an unfinished tag was not applied
    list.hidePopover();
    editor?.removeAttribute("aria-activedescendant");
  };
  const place = () => {
    const { left, top, bottom } = boxOf(editor, at.start);
    const [width, height] = [list.offsetWidth, list.offsetHeight];
    const isBelow = bottom + height + 8 <= window.visualViewport.height || top < height + 8;
    list.style.left = `${Math.max(8, Math.min(left, document.body.clientWidth - width - 8))}px`;
    list.style.top = `${isBelow ? bottom + 4 : top - height - 4}px`;
  };
  const activate = (index) => {
    active = (index + found.length) % found.length;
    [...list.children].forEach((one, i) => one.setAttribute("aria-selected", i === active));
    list.children[active].scrollIntoView({ block: "nearest" });
    editor.setAttribute("aria-activedescendant", list.children[active].id);
    place();
  };
  const show = () => {
    at = placeAt(editor.value, editor.selectionStart);
    found = at ? offersAt(at, data) : [];
    if (!found.length) return hide();
    list.replaceChildren(...found.map(({ name, hint, more }, i) => element("div",
      { id: `pr-completion-${i}`, role: "option" }, element("b", {}, name),
      element("span", {}, hint), ...(more ? [element("small", {}, more)] : []))));
    editor.setAttribute("aria-autocomplete", "list");
    editor.setAttribute("aria-controls", list.id);
    list.togglePopover(true);
    activate(0);
  };
  const choose = (index) => {
    const { text, caret } = completed(found[index], at, data.blocks);
    const { start, end } = at; // writing looks for a place again
    write(editor, start, end, text);
    const blank = start + text.indexOf("…"); // selected, to be typed over
    if (blank >= start) editor.setSelectionRange(blank, blank + 1);
    else editor.setSelectionRange(start + caret, start + caret);
    if (text.endsWith(" ")) show(); else hide();
  };
  const keys = { ArrowDown: () => activate(active + 1), ArrowUp: () => activate(active - 1),
    Enter: () => choose(active), Tab: () => choose(active), Escape: hide };

  const on = (type, act, target = window) => target.addEventListener(type, act,
    { capture: true, signal: leaving.signal });
  const onEditor = (type, act) => on(type, (event) => {
    if (!event.target.matches?.(data.editor)) return;
    editor = event.target;
    act(event);
  });
  onEditor("input", (event) => {
    if (event.isComposing) {
      hide();
      return clearTimeout(pause);
    }
    show();
    applySoon();
  });
  onEditor("compositionend", () => { // Chinese is typed in several steps
    show();
    applySoon();
  });
  onEditor("focusout", hide);
  onEditor("keydown", (event) => {
    const isComposing = event.isComposing || event.keyCode === 229; // the latter is Safari's way
    if (!isOpen() || isComposing) return;
    if (event.ctrlKey || event.metaKey) return hide();
    if (event.shiftKey || event.altKey || !Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  });
  on("pointerdown", (event) => editor?.contains(event.target) || apply());
  on("selectionchange", () => isOpen() && editor.selectionStart !== at.caret && hide());
  on("scroll", (event) => isOpen() && event.target !== list && place());
  on("resize", () => isOpen() && place());
  on("mousedown", (event) => event.preventDefault(), list); // the editor keeps the focus
  on("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) choose([...list.children].indexOf(option));
  }, list);

  const clear = () => {
    leaving.abort();
    hide();
    list.remove();
  };
  leave.set(parentElement, clear);
  return clear;
}
