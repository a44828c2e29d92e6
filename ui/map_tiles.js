/* What stands on a map besides its shapes: parcels as tiles, the layer control, the north arrow, and the view of last time.

   Tiles, and what lies under the mouse, come from the server that serves the page; online maps are asked for only when chosen.  */
"use strict";

window.cunzhi.tools = (function () {
  const own = window.cunzhi;
  const tools = { parcels: null, ground: null, names: {}, chosen: {} };

  function remembered(key) {
    try { return JSON.parse(window.sessionStorage.getItem(key) || "null"); } catch (error) { return null; }
  }

  function remember(key, value) {
    try { window.sessionStorage.setItem(key, JSON.stringify(value)); } catch (error) { /* a browser that keeps nothing */ }
  }

  /* Asks what lies at a place; a later question makes an earlier one void. */
  function ask(map, place, then) {
    const spec = tools.parcels;
    if (tools.asking) tools.asking.abort();
    tools.asking = new AbortController();
    const at = map.wrapLatLng(place);
    const query = new URLSearchParams({ lon: at.lng.toFixed(7), lat: at.lat.toFixed(7), zoom: map.getZoom(), lang: spec.lang });
    fetch(`${spec.at}?${query}`, { signal: tools.asking.signal }).then((answer) => (answer.ok ? answer.json() : {})).then(then)
      .catch(() => undefined);
  }

  /* Whether a click or the mouse means a parcel: they are shown, and large enough to be told apart. */
  function clear(map) {
    const spec = tools.parcels;
    return Boolean(spec && tools.layer && map.hasLayer(tools.layer) && map.getZoom() >= spec.clear && !own.state.trying);
  }

  function pick(map, found) {
    own.emphasise(map, "candidates", found.id, false, found.shape);
    own.report("candidate", found.id);
  }

  function drawParcels(map) {
    const spec = tools.parcels;
    const wanted = spec && spec.url && (tools.chosen.parcels === undefined ? spec.shown : tools.chosen.parcels);
    if (!wanted) {
      if (tools.layer) map.removeLayer(tools.layer);
      tools.layer = null;
      return;
    }
    if (tools.layer && tools.url === spec.url) return;
    const before = tools.layer;
    tools.url = spec.url;
    tools.layer = L.tileLayer(spec.url, {
      pane: "parcels", minZoom: 0, maxNativeZoom: 19, maxZoom: 22, updateWhenZooming: false, keepBuffer: 1, opacity: spec.opacity || 1,
    });
    if (before) tools.layer.once("load", () => map.removeLayer(before));   // the old colours stay until the new ones have come
    tools.layer.addTo(map);
  }

  /* A tooltip for what the tiles show. Shapes of their own have their own. */
  function hover(map) {
    const tip = L.tooltip({ className: "cz-tooltip", direction: "top", sticky: true });
    let timer = null;
    const away = function () { window.clearTimeout(timer); map.closeTooltip(tip); };
    map.on("mousemove", function (event) {
      window.clearTimeout(timer);
      if (!clear(map)) return;
      const over = event.originalEvent.target;
      if (over && over.closest && over.closest(".leaflet-control, .leaflet-marker-icon")) { away(); return; }
      timer = window.setTimeout(() => ask(map, event.latlng, function (found) {
        if (!found.id || (own.state.shapes.candidates || {})[found.id]) { map.closeTooltip(tip); return; }
        Object.values(own.state.shapes.villages || {}).forEach((layer) => layer.closeTooltip());
        tip.setLatLng(event.latlng).setContent(own.tooltipOf(found.tip));
        map.openTooltip(tip);
      }), 70);
    });
    map.on("mouseout zoomstart movestart", away);
  }

  function showGroup(map, group, shown) {
    tools.names[group.id].forEach((layer) => { if (shown) map.addLayer(layer); else map.removeLayer(layer); });
  }

  function setGround(map, spec, id) {
    if (tools.ground) map.removeLayer(tools.ground);
    const chosen = (spec.online || []).find((one) => one.id === id);
    tools.ground = chosen ? L.layerGroup(chosen.urls.map((url) => L.tileLayer(url, { pane: "online", maxZoom: 22, maxNativeZoom: 18 }))) : null;
    if (tools.ground) tools.ground.addTo(map);
    tools.credit.textContent = chosen ? chosen.credit || "" : "";
    if (own.state.image) own.state.image.setOpacity(chosen ? 0 : 1);
  }

  function switchOf(type, name, text, checked, change) {
    const label = own.el("label", "cz-switch");
    const box = own.el("input");
    box.type = type;
    box.name = name;
    box.checked = checked;
    box.addEventListener("change", () => change(box.checked));
    label.appendChild(box);
    label.appendChild(own.el("span", null, text));
    return label;
  }

  function addControl(map, spec) {
    const store = `cz-layers|${spec.kind || ""}`;
    tools.chosen = remembered(store) || {};
    const box = own.el("details", "cz-layers");
    const body = own.el("div", "cz-layers-body");
    box.appendChild(own.el("summary", null, spec.words.layers));
    box.appendChild(body);
    (spec.groups || []).forEach(function (group) {
      const layers = Object.entries(own.state.layers).filter(([name]) => group.names.some((start) => name.startsWith(start)));
      tools.names[group.id] = layers.map(([, layer]) => layer);
      if (group.id !== "parcels" && !layers.length) return;
      if (group.id === "parcels" && !spec.parcels) return;
      const standard = group.id === "parcels" ? spec.parcels.shown : true;
      const shown = tools.chosen[group.id] === undefined ? standard : tools.chosen[group.id];
      if (!shown) showGroup(map, group, false);
      body.appendChild(switchOf("checkbox", group.id, group.text, shown, function (now) {
        tools.chosen[group.id] = now;
        remember(store, tools.chosen);
        if (group.id === "parcels") drawParcels(map); else showGroup(map, group, now);
      }));
    });
    if ((spec.online || []).length) {
      body.appendChild(own.el("div", "cz-layers-title", spec.words.ground));
      const standard = (spec.online.find((one) => one.on) || {}).id || "own";
      const chosen = tools.chosen.ground || standard;
      [{ id: "own", text: spec.words.own }, ...spec.online].forEach((one) => body.appendChild(
        switchOf("radio", "ground", one.text, one.id === chosen, function () {
          tools.chosen.ground = one.id;
          remember(store, tools.chosen);
          setGround(map, spec, one.id);
        })));
      setGround(map, spec, chosen);
    }
    L.DomEvent.disableClickPropagation(box);
    L.DomEvent.disableScrollPropagation(box);
    const control = L.control({ position: "topright" });
    control.onAdd = () => box;
    if (body.childElementCount) control.addTo(map);
  }

  function addNorth(map, text) {
    const ns = "http://www.w3.org/2000/svg";
    const box = own.el("div", "cz-north");
    box.title = text;
    const svg = document.createElementNS(ns, "svg");
    Object.entries({ width: 22, height: 34, viewBox: "0 0 22 34", role: "img", "aria-label": text }).forEach(([name, value]) => svg.setAttribute(name, value));
    [["M11 2 L18 26 L11 21 Z", "#1f2a2e"], ["M11 2 L4 26 L11 21 Z", "#ffffff"]].forEach(function ([way, fill]) {
      const path = document.createElementNS(ns, "path");
      Object.entries({ d: way, fill: fill, stroke: "#1f2a2e", "stroke-width": 1 }).forEach(([name, value]) => path.setAttribute(name, value));
      svg.appendChild(path);
    });
    box.appendChild(svg);
    box.appendChild(own.el("div", null, "N"));
    const control = L.control({ position: "topleft" });
    control.onAdd = () => box;
    control.addTo(map);
  }

  /* Once for a map, after its shapes are on it. */
  function start(map, spec) {
    tools.credit = own.el("div", "cz-credit");
    map.getContainer().appendChild(tools.credit);
    if (spec.words && spec.kind !== "site") {
      addControl(map, spec);
      addNorth(map, spec.words.north);
    }
    hover(map);
    map.on("click", function (event) {
      if (own.state.trying || !clear(map)) return;
      ask(map, event.latlng, (found) => { if (found.id) pick(map, found); });
    });
  }

  /* The view of last time, where the user has been on this very map before. */
  function resume(map, spec) {
    if (!spec.place) return;
    const key = `cz-view|${spec.place}`;
    const last = remembered(key);
    if (last) {
      map.setView([last.lat, last.lng], last.zoom, { animate: false });
      own.state.focus = last.focus;
    }
    map.on("moveend", function () {
      if (own.state.painted !== true) return;
      const middle = map.getCenter();
      remember(key, { lat: middle.lat, lng: middle.lng, zoom: map.getZoom(), focus: own.state.focus });
    });
  }

  /* With every paint: other weights give the parcels another address. */
  function paint(map, spec) {
    map.getContainer().classList.toggle("cz-dark", Boolean(spec.dark));
    if (spec.parcels) tools.parcels = spec.parcels;
    drawParcels(map);
  }

  return { start: start, resume: resume, paint: paint, ask: ask, clear: clear, pick: pick, state: tools };
})();
