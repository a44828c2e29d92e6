/* Maps side by side that move as one: each keeps its own place, all have the same zoom and the same step aside from it.

   Every map lives in a frame of its own; they find each other through the page that holds them. The map under the user's hand
   leads, the others follow; that way no movement comes back as an echo.  */
"use strict";

window.cunzhi.sync = (function () {
  const KEYS = { ArrowLeft: 37, ArrowRight: 39, PageUp: 33, PageDown: 34, Digit1: 49, Digit2: 50, Digit3: 51, Digit4: 52 };
  const ZOOM_OUT = 3;
  const sync = { group: null, map: null, box: null, moved: false, leading: false };

  function peers() {
    return [...window.parent.document.querySelectorAll("iframe")].map(function (frame) {
      try { return frame.contentWindow.cunzhi && frame.contentWindow.cunzhi.sync.state; } catch (error) { return null; }   // not of ours
    }).filter((one) => one && one !== sync && one.map && one.group === sync.group);
  }

  function home(one, zoom) {
    return one.map.project(one.middle, zoom);
  }

  function aside(center, zoom) {
    return sync.map.project(center, zoom).subtract(home(sync, zoom));
  }

  sync.follow = function (zoom, x, y, animate) {
    sync.leading = false;
    sync.map.setView(sync.map.unproject(home(sync, zoom).add([x, y]), zoom), zoom, { animate: animate });
  };

  function tell(center, zoom, animate) {
    const step = aside(center, zoom);
    peers().forEach((one) => { one.moved = true; one.follow(zoom, step.x, step.y, animate); });
    sync.moved = true;
  }

  function lead() {
    if (sync.leading) return;
    peers().forEach((one) => { one.leading = false; });
    sync.leading = true;
  }

  /* The zoom at which the surroundings fit into every one of the maps. */
  function fit(all) {
    return Math.min(...all.map((one) => one.map.getBoundsZoom(one.box)));
  }

  function settle() {
    const others = peers();
    const guide = others.find((one) => one.moved);
    if (guide) {
      const zoom = guide.map.getZoom();
      const step = guide.map.project(guide.map.getCenter(), zoom).subtract(home(guide, zoom));
      sync.moved = true;
      sync.follow(zoom, step.x, step.y, false);
    } else if (!sync.moved) {
      const zoom = fit([sync, ...others]);
      [sync, ...others].forEach((one) => one.follow(zoom, 0, 0, false));
    }
  }

  function goHome() {
    const all = [sync, ...peers()];
    const zoom = fit(all);
    all.forEach((one) => { one.moved = false; one.follow(zoom, 0, 0, true); });
  }

  function addHome(map, title) {
    const control = L.control({ position: "topright" });
    control.onAdd = function () {
      const box = window.cunzhi.el("div", "leaflet-bar");
      const link = window.cunzhi.el("a", "cz-home", "⌂");
      Object.entries({ href: "#", title: title, role: "button", "aria-label": title }).forEach(([name, value]) => link.setAttribute(name, value));
      link.style.fontSize = "20px";
      L.DomEvent.disableClickPropagation(box);
      L.DomEvent.on(link, "click", function (event) { L.DomEvent.stop(event); goHome(); });
      box.appendChild(link);
      return box;
    };
    control.addTo(map);
  }

  /* Keys that the page listens to are handed on to it: after a click into a map it is the map's frame that has them. */
  function handOn(event) {
    const code = KEYS[event.code];
    if (!code || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const page = window.parent;
    page.document.body.dispatchEvent(new page.KeyboardEvent(event.type, {
      key: event.key, code: event.code, keyCode: code, which: code, bubbles: true, cancelable: true }));
  }

  function join(map, spec) {
    if (sync.map === map && sync.group === spec.group) return;
    sync.map = map;
    sync.group = spec.group;
    sync.box = L.latLngBounds(spec.box);
    sync.middle = sync.box.getCenter();
    map.setMaxBounds(null);   // limits of their own would tear the maps apart
    map.keyboard.disable();
    settle();
    map.setMinZoom(Math.max(0, Math.floor(map.getZoom()) - ZOOM_OUT));
    addHome(map, spec.home);
    ["pointerdown", "pointermove", "touchstart", "wheel"].forEach((name) =>
      document.addEventListener(name, lead, { capture: true, passive: true }));
    ["keydown", "keyup"].forEach((name) => document.addEventListener(name, handOn));
    map.on("zoomanim", (event) => { if (sync.leading) tell(event.center, event.zoom, true); });
    map.on("move", () => { if (sync.leading && !map._animatingZoom) tell(map.getCenter(), map.getZoom(), false); });
    map.on("resize", settle);
  }

  return { join: join, state: sync };
})();
