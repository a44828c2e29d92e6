/* The browser's half of ui/maps.py: draws what Python hands over as data, reports clicks, and re-colours without redrawing.

   Every text arrives as data and is set as textContent, never as HTML. Nothing here asks for anything from the network.  */
"use strict";

window.cunzhi = (function () {
  const PANES = { ground: 210, online: 220, areas: 320, parcels: 380, limits: 390, shapes: 400, lines: 410, chosen: 430, marks: 610, labels: 620, badges: 640 };
  const state = { shapes: {}, tips: {}, chosen: null, chosenId: null, badges: null, focus: null, drag: [], put: [], layers: {} };

  function el(tag, className, text) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined && text !== null) node.textContent = text;
    return node;
  }

  function addStyle(css) {
    const node = el("style", null, css);
    document.head.appendChild(node);
  }

  /* Hatches: SVG patterns that any path of the page can be filled with as url(#id). */
  function addHatches(hatches) {
    const ns = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(ns, "svg");
    svg.setAttribute("width", "0");
    svg.setAttribute("height", "0");
    svg.style.position = "absolute";
    const defs = document.createElementNS(ns, "defs");
    hatches.forEach(function (hatch) {
      const pattern = document.createElementNS(ns, "pattern");
      const size = hatch.size || 7;
      Object.entries({
        id: hatch.id, width: size, height: size, patternUnits: "userSpaceOnUse", patternTransform: `rotate(${hatch.angle})`,
      }).forEach(([name, value]) => pattern.setAttribute(name, value));
      if (hatch.fill) {
        const ground = document.createElementNS(ns, "rect");
        Object.entries({ width: size, height: size, fill: hatch.fill }).forEach(([name, value]) => ground.setAttribute(name, value));
        pattern.appendChild(ground);
      }
      const line = document.createElementNS(ns, "rect");
      Object.entries({ width: hatch.width || 1.6, height: size, fill: hatch.line }).forEach(([name, value]) => line.setAttribute(name, value));
      pattern.appendChild(line);
      defs.appendChild(pattern);
    });
    svg.appendChild(defs);
    document.body.appendChild(svg);
  }

  function tooltipOf(lines) {
    const box = el("div", "cz-tip");
    lines.forEach(function (line, index) {
      if (Array.isArray(line)) {
        const row = el("div", "cz-tip-row");
        row.appendChild(el("span", "cz-tip-name", line[0]));
        row.appendChild(el("span", "cz-tip-value", line[1]));
        box.appendChild(row);
      } else {
        box.appendChild(el("div", index === 0 ? "cz-tip-title" : "cz-tip-line", line));
      }
    });
    return box;
  }

  function report(kind, id, place) {
    const said = { kind: kind, id: id, nonce: `${Date.now()}-${Math.random()}` };
    if (place) Object.assign(said, { lon: Number(place.lng.toFixed(6)), lat: Number(place.lat.toFixed(6)) });
    if (window.Streamlit) window.Streamlit.setComponentValue(said);
  }

  /* While the map is tried out, a click on the ground proposes a site there; the ring stands until the answer has come. */
  function propose(map, place) {
    if (state.proposed) map.removeLayer(state.proposed);
    state.proposed = L.circleMarker(place, { pane: "marks", radius: 7, color: "#d4006e", weight: 3, fill: false, interactive: false });
    state.proposed.addTo(map);
    report("pin", "", map.wrapLatLng(place));
  }

  function bind(layer, spec, id, tip) {
    if (spec.tips && tip) state.tips[`${spec.name}|${id}`] = tip;
    if (spec.tips) {
      layer.bindTooltip(() => tooltipOf(state.tips[`${spec.name}|${id}`] || [id]), { sticky: true, className: "cz-tooltip", direction: "top" });
    }
    if (spec.click) {
      layer.on("click", function (event) {
        L.DomEvent.stopPropagation(event);
        if (state.trying && !spec.drag) { propose(layer._map, event.latlng); return; }
        const map = layer._map;
        const mine = function () { emphasise(map, spec.name, id, false); report(spec.click, id); };
        const tools = window.cunzhi.tools;   // a parcel that can be told apart comes before the village it lies in
        if (spec.click !== "village" || !tools.clear(map)) { mine(); return; }
        tools.ask(map, event.latlng, (found) => { if (found.id) tools.pick(map, found); else mine(); });
      });
    }
  }

  /* A site that can be dragged while the map is tried out: Leaflet drags markers, not circles. */
  function dragMarker(spec, feature, place) {
    const icon = L.divIcon({ html: el("div", `cz-site ${feature.properties.c || ""}`), className: "cz-icon", iconSize: null });
    const marker = L.marker(place, { icon: icon, pane: spec.pane, keyboard: false, draggable: true, autoPan: true });
    marker.on("add", () => { if (!state.trying) marker.dragging.disable(); });
    marker.on("dragstart", () => marker.closeTooltip());
    marker.on("dragend", () => report("drag", feature.id, marker.getLatLng()));
    marker.cunzhiHome = place;
    state.drag.push(marker);
    return marker;
  }

  function tryOut(map, trying) {
    state.trying = Boolean(trying);
    state.drag.forEach((marker) => { if (marker.dragging) marker.dragging[state.trying ? "enable" : "disable"](); });
    map.getContainer().classList.toggle("cz-trying", state.trying);
  }

  function addShapes(map, spec) {
    const known = (state.shapes[spec.name] = state.shapes[spec.name] || {});
    const drawn = L.geoJSON(spec.data, {
      pane: spec.pane,
      interactive: Boolean(spec.click || spec.tips),
      style: (feature) => Object.assign({}, spec.style, (spec.styles || {})[feature.properties.c]),
      pointToLayer: (feature, place) => spec.drag ? dragMarker(spec, feature, place) : L.circleMarker(place, Object.assign(
        { pane: spec.pane, radius: feature.properties.r || spec.radius || 5, interactive: Boolean(spec.click || spec.tips) }, spec.style, (spec.styles || {})[feature.properties.c])),
      onEachFeature: function (feature, layer) {
        known[feature.id] = layer;
        layer.cunzhiId = feature.id;
        bind(layer, spec, feature.id, feature.properties.t);
      },
    }).addTo(map);
    state.layers[spec.name] = drawn;
    return drawn;
  }

  function addMarks(map, spec) {
    const drawn = (state.layers[spec.name] = L.layerGroup().addTo(map));
    spec.marks.forEach(function (mark) {
      const node = el("div", `cz-mark ${mark.cls || ""}`, mark.text);
      if (mark.colour) { node.style.borderColor = mark.colour; node.style.color = mark.colour; }
      const icon = L.divIcon({ html: node, className: "cz-icon", iconSize: null });
      const marker = L.marker([mark.lat, mark.lon], { icon: icon, pane: spec.pane, interactive: Boolean(mark.tip), keyboard: false });
      if (mark.tip) marker.bindTooltip(() => tooltipOf(mark.tip), { className: "cz-tooltip", direction: "top" });
      marker.addTo(drawn);
    });
  }

  function swatch(item) {
    const ns = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(ns, "svg");
    svg.setAttribute("width", "22");
    svg.setAttribute("height", "14");
    const put = function (tag, values) {
      const node = document.createElementNS(ns, tag);
      Object.entries(values).forEach(([name, value]) => node.setAttribute(name, value));
      svg.appendChild(node);
    };
    if (item.shape === "line") {
      put("line", { x1: 1, y1: 7, x2: 21, y2: 7, stroke: item.stroke, "stroke-width": item.width || 2, "stroke-dasharray": item.dash || "" });
    } else if (item.shape === "dot") {
      put("circle", { cx: 11, cy: 7, r: item.radius || 4, fill: item.fill, stroke: item.stroke || "#333", "stroke-width": item.width || 1 });
    } else {
      put("rect", { x: 2, y: 1.5, width: 18, height: 11, rx: 1.5, fill: item.fill, stroke: item.stroke || "#5c6568", "stroke-width": item.width || 0.8 });
    }
    return svg;
  }

  /* The legend is a strip along the foot of the map, so that it covers no corner; a click on its title folds it. Returns its height. */
  function addLegend(map, legend) {
    const box = el("details", "cz-legend");
    box.open = legend.open !== false;
    box.appendChild(el("summary", null, legend.title));
    const row = el("div", "cz-legend-row");
    legend.items.forEach(function (item) {
      const entry = el("span", "cz-legend-item");
      if (item.ramp) {
        entry.appendChild(el("span", null, item.text));
        const bar = el("span", "cz-ramp");
        bar.style.background = `linear-gradient(90deg, ${item.ramp.join(",")})`;
        entry.appendChild(bar);
        entry.appendChild(el("span", "cz-ramp-ends", item.ends));
      } else {
        entry.appendChild(swatch(item));
        entry.appendChild(el("span", null, item.text));
      }
      row.appendChild(entry);
    });
    box.appendChild(row);
    L.DomEvent.disableClickPropagation(box);
    L.DomEvent.disableScrollPropagation(box);
    map.getContainer().appendChild(box);
    const lift = function () {
      document.querySelectorAll(".leaflet-bottom").forEach((corner) => { corner.style.bottom = `${box.offsetHeight}px`; });
    };
    box.addEventListener("toggle", lift);
    lift();
    return box.offsetHeight;
  }

  function show(map, box) {
    map.fitBounds(box, { paddingTopLeft: [6, 6], paddingBottomRight: [6, 6 + (state.foot || 0)], animate: false });
  }

  /* Layers on top of the base that come and go, such as those of a plan: drawn anew when their mark is another one. */
  function put(map, spec) {
    if (spec.mark === state.putMark) return;
    state.put.forEach(([name, group]) => { map.removeLayer(group); delete state.shapes[name]; });
    state.drag = [];
    state.put = spec.layers.map((layer) => [layer.name, addShapes(map, layer)]);
    state.putMark = spec.mark;
  }

  /* The map without its changing colours: called once when the map is made. */
  function base(map, spec) {
    addStyle(spec.css);
    map.getContainer().style.background = spec.background;
    Object.entries(PANES).forEach(function ([name, level]) {
      const pane = map.createPane(name);
      pane.style.zIndex = level;
      if (["ground", "online", "parcels", "badges", "labels", "areas", "chosen"].includes(name)) pane.style.pointerEvents = "none";
    });
    addHatches(spec.hatches || []);
    if (spec.above) map.getPane("parcels").style.zIndex = 405;   // where villages are filled, parcels lie on them
    if (spec.image) state.image = L.imageOverlay(spec.image.url, spec.image.bounds, { pane: "ground" }).addTo(map);
    spec.layers.forEach((layer) => (layer.marks ? addMarks : addShapes)(map, layer));
    state.foot = spec.legend ? addLegend(map, spec.legend) : 0;
    L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
    show(map, spec.view);
    const around = L.latLngBounds(spec.limits || spec.view).pad(0.6);
    map.setMaxBounds(around);
    map.setMinZoom(Math.max(0, map.getBoundsZoom(around)));
    map.on("click", (event) => { if (state.trying) propose(map, event.latlng); });
    window.cunzhi.tools.start(map, spec);
    window.cunzhi.tools.resume(map, spec);
    window.cunzhiMap = map;
  }

  function pixels(map, box) {
    return map.latLngToLayerPoint(box.getSouthEast()).distanceTo(map.latLngToLayerPoint(box.getNorthWest()));
  }

  /* A selected parcel of a few pixels is lost on the map: it wears a ring until it is large enough to be seen by itself. */
  function ringWhileSmall(map, layer, group) {
    const ring = L.circleMarker(layer.getBounds().getCenter(), {
      pane: "chosen", interactive: false, radius: 14, color: state.chosenColour || "#d4006e", weight: 3, fill: false });
    const follow = function () {
      if (!map.hasLayer(group)) { map.off("zoomend", follow); return; }
      if (pixels(map, layer.getBounds()) < 28) group.addLayer(ring); else group.removeLayer(ring);
    };
    map.on("zoomend", follow);
    follow();
  }

  /* `shape` (GeoJSON) stands in for one that is on no layer, such as a parcel of the tiles. */
  function emphasise(map, name, id, follow, shape) {
    if (!map) return;
    if (state.chosen) { map.removeLayer(state.chosen); state.chosen = null; }
    const spare = id && shape ? L.geoJSON(shape).getLayers()[0] : undefined;
    const layer = (state.shapes[name] || {})[id] || spare;
    const changed = state.chosenId !== id;
    state.chosenId = id || null;
    if (!layer) return;
    const data = layer.toGeoJSON();
    const point = data.geometry.type === "Point";
    const draw = (colour, weight) => L.geoJSON(data, {
      pane: "chosen", interactive: false, style: { color: colour, weight: weight, fill: false, opacity: 1 },
      pointToLayer: (feature, place) => L.circleMarker(place, { pane: "chosen", interactive: false, radius: 10, color: colour, weight: weight, fill: false }),
    });
    state.chosen = L.layerGroup([draw("#ffffff", 6), draw(state.chosenColour || "#d4006e", 3)]).addTo(map);
    if (!point) ringWhileSmall(map, layer, state.chosen);
    if (!follow || !changed) return;
    if (point) {
      if (!map.getBounds().pad(-0.05).contains(layer.getLatLng())) map.panTo(layer.getLatLng());
      return;
    }
    const box = layer.getBounds();
    if (pixels(map, box) < 8 || !map.getBounds().pad(-0.03).contains(box)) {
      map.flyToBounds(box, { maxZoom: 17, padding: [120, 120], duration: 0.5 });
    }
  }

  /* What changes with the sliders, filters and selection. Never moves the view unless the selection or the focus has changed. */
  function paint(map, spec) {
    const shapes = state.shapes[spec.name] || {};
    state.chosenColour = spec.chosenColour;
    Object.entries(spec.tips || {}).forEach(([id, tip]) => { state.tips[`${spec.name}|${id}`] = tip; });
    Object.entries(shapes).forEach(function ([id, layer]) {
      const key = spec.styles ? spec.styles[id] : undefined;
      const node = layer.getElement && layer.getElement();
      if (node) node.style.display = spec.styles && key === undefined ? "none" : "";
      if (key !== undefined) layer.setStyle(spec.palette[key]);
    });
    Object.entries(spec.groups || {}).forEach(function ([name, shown]) {   // all of a group, none, those listed or so beginning
      const listed = Array.isArray(shown) ? new Set(shown) : typeof shown === "string" ? { has: (id) => id.startsWith(shown) } : null;
      Object.entries(state.shapes[name] || {}).forEach(function ([id, layer]) {
        const node = layer.getElement && layer.getElement();
        if (node) node.style.display = (listed ? listed.has(id) : shown) ? "" : "none";
      });
    });
    if (spec.turn !== state.turn) {   // what was dragged or proposed has had its answer
      state.drag.forEach((marker) => marker.setLatLng(marker.cunzhiHome));
      if (state.proposed) map.removeLayer(state.proposed);
      state.turn = spec.turn;
    }
    tryOut(map, spec.trying);
    if (state.badges) map.removeLayer(state.badges);
    state.badges = L.layerGroup((spec.badges || []).map(function (badge) {
      const icon = L.divIcon({ html: el("div", "cz-badge", badge.text), className: "cz-icon", iconSize: null });
      return L.marker([badge.lat, badge.lon], { icon: icon, pane: "badges", interactive: false, keyboard: false });
    })).addTo(map);
    if (state.spots) map.removeLayer(state.spots);
    state.spots = L.layerGroup((spec.spots || []).map((spot) => L.circleMarker([spot.lat, spot.lon], {
      pane: "marks", radius: 4, color: "#0b6470", weight: 2, fillColor: "#ffffff", fillOpacity: 1,
    }).bindTooltip(() => tooltipOf(spot.tip), { className: "cz-tooltip", direction: "top" }))).addTo(map);
    const first = state.painted !== true;
    state.painted = true;
    emphasise(map, spec.name, spec.chosen, spec.follow !== false && !(first && spec.still), spec.chosenShape);
    const focus = JSON.stringify(spec.focus || null);
    if (spec.focus && focus !== state.focus) show(map, spec.focus);
    else if (!spec.focus && state.focus && state.focus !== "null" && spec.home) show(map, spec.home);
    state.focus = focus;
    window.cunzhi.tools.paint(map, spec);
    if (spec.sync) window.cunzhi.sync.join(map, spec.sync);
    window.cunzhiPainted = (window.cunzhiPainted || 0) + 1;
  }

  return { base: base, put: put, paint: paint, state: state, el: el, tooltipOf: tooltipOf, report: report, emphasise: emphasise };
})();
