// Streamlit's own texts (upload fields, table menus, states) in the words of the page: it speaks English only.
// Only the value of a text node is changed, never the node, so that React goes on with it; what it says anew is translated anew.
(function (words) {
  "use strict";
  const OURS = ".stMarkdown, .stHtml, .stText, .stCode, [data-testid=stMetric], iframe, script, style";
  const NAMES = ["aria-label", "title", "placeholder"];
  const before = window.cunzhiFrame;
  const state = window.cunzhiFrame = before || {said: new WeakMap()};
  const patterns = [], exact = new Map();
  for (const [from, to] of words) {
    if (!from.includes("{")) { exact.set(from, to); continue; }
    const names = [...from.matchAll(/\{(\w+)\}/g)].map((one) => one[1]);
    const parts = from.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    patterns.push([new RegExp("^" + parts.join("(.+)") + "$"), names, to]);
  }

  function translated(text) {
    const bare = text.trim();
    if (!bare || bare.length > 200) return null;
    if (exact.has(bare)) return exact.get(bare);
    for (const [pattern, names, to] of patterns) {
      const found = bare.match(pattern);
      if (found) return names.reduce((so, name, at) => so.replace("{" + name + "}", found[at + 1]), to);
    }
    return null;
  }

  function say(holder, place, read, write) {   // remembers what Streamlit said, for another language later
    const known = state.said.get(holder) || {};
    const now = read(), last = known[place];
    const original = last && last.to === now ? last.from : now;
    const to = translated(original) ?? original;
    if (to === now) return;
    known[place] = {from: original, to};
    state.said.set(holder, known);
    write(to);
  }

  function look(node) {
    if (node.nodeType === Node.TEXT_NODE) {
      const parent = node.parentElement;
      if (parent && !parent.closest(OURS)) say(node, "text", () => node.data, (to) => { node.data = to; });
      return;
    }
    if (node.nodeType !== Node.ELEMENT_NODE || node.matches(OURS)) return;
    for (const name of NAMES) {
      if (node.hasAttribute(name)) say(node, name, () => node.getAttribute(name), (to) => node.setAttribute(name, to));
    }
    node.childNodes.forEach(look);
  }

  state.look = look;
  look(document.body);
  if (!before) {
    new MutationObserver((changes) => {
      for (const change of changes) {
        if (change.type === "childList") change.addedNodes.forEach((node) => state.look(node));
        else state.look(change.target);
      }
    }).observe(document.body, {childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: NAMES});
  }
})(/*words*/);
