/* The offline map: draws the data that stands in the page. Every text is set as textContent; nothing is asked of the network. */
"use strict";
(function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const words = data.words;
  const NEAR = 12.5;      /* zoom from which every site is drawn, and villages carry their names */
  const CLOSE = 14;       /* zoom from which ranks stand on the sites */
  const FOUND = 12;
  const CHOSEN = "#d4006e";

  function el(tag, className, text) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  }

  function svg(tag, values) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    Object.entries(values).forEach(([name, value]) => node.setAttribute(name, value));
    return node;
  }

  /* Steps in units from the origin back to [latitude, longitude]. */
  function places(steps) {
    const found = [];
    let x = 0, y = 0;
    for (let i = 0; i < steps.length; i += 2) {
      x += steps[i]; y += steps[i + 1];
      found.push([data.origin[1] + y / data.units, data.origin[0] + x / data.units]);
    }
    return found;
  }
  const place = (steps) => places(steps)[0];
  const rings = (area) => area.map((part) => part.map(places));

  const map = L.map("map", { preferCanvas: true, fadeAnimation: false, attributionControl: false, zoomSnap: 0.25, zoomDelta: 0.5, wheelPxPerZoomLevel: 120 });
  [["relief", 210], ["villages", 300], ["roads", 330], ["towns", 340], ["sites", 400], ["venues", 420], ["planned", 430], ["names", 620], ["badges", 630]]
    .forEach(([name, order]) => { map.createPane(name).style.zIndex = order; });
  map.getPane("names").style.pointerEvents = "none";
  map.getPane("badges").style.pointerEvents = "none";
  ["roads", "towns"].forEach((name) => { map.getPane(name).style.pointerEvents = "none"; });
  const under = L.canvas({ pane: "roads" }), edges = L.canvas({ pane: "towns" });
  /* One canvas takes all clicks: of several, the upper one would keep them from the lower. */
  const shapes = L.canvas({ pane: "sites", tolerance: 3 });
  map.fitBounds(data.bounds);
  map.setMaxBounds(L.latLngBounds(data.bounds).pad(0.6));
  map.setMinZoom(Math.max(map.getZoom() - 1, 0));
  map.setMaxZoom(18);
  L.control.scale({ imperial: false, maxWidth: 160 }).addTo(map);
  const north = L.control({ position: "topright" });
  north.onAdd = function () {
    const box = el("div", "north");
    box.title = words.north;
    const arrow = svg("svg", { width: 16, height: 22, viewBox: "0 0 16 22" });
    arrow.appendChild(svg("path", { d: "M8 1 L14 20 L8 15.5 L2 20 Z", fill: "#1f2a2e" }));
    box.appendChild(arrow);
    box.appendChild(el("div", null, words.north_mark));
    return box;
  };
  north.addTo(map);

  function popupOf(title, facts, told, more) {
    const box = el("div");
    box.appendChild(el("h3", null, title));
    facts.forEach(function (fact) {
      const row = el("div", "fact");
      row.appendChild(el("span", null, fact[0]));
      row.appendChild(el("span", null, fact[1]));
      box.appendChild(row);
    });
    if (more) box.appendChild(more);
    told.forEach((text) => box.appendChild(el("p", null, text)));
    return box;
  }

  let ring = null;
  function emphasise(latlngs) {
    if (ring) map.removeLayer(ring);
    ring = latlngs ? L.polygon(latlngs, { pane: "planned", color: CHOSEN, weight: 3, fill: false, interactive: false }).addTo(map) : null;
  }

  function open(at, content) {
    L.popup({ maxWidth: 380, minWidth: 240, autoPanPadding: [20, 20] }).setLatLng(at).setContent(content).openOn(map);
  }
  map.on("popupclose", () => emphasise(null));

  function villageName(village) {
    return village.town ? `${village.name} · ${village.town}` : village.name;
  }

  const byVillage = new Map();
  data.sites.forEach(function (site) {
    if (!byVillage.has(site.village)) byVillage.set(site.village, []);
    byVillage.get(site.village).push(site);
  });

  function showSite(site) {
    const village = data.villages[site.village];
    const at = site.area ? L.polygon(rings(site.area)).getBounds() : L.latLngBounds([place(site.point), place(site.point)]);
    open(at.getCenter(), popupOf(village ? `${site.id} · ${village.name}` : site.id, site.facts, site.told));
    emphasise(site.area ? rings(site.area) : null);
  }

  function goSite(site) {
    const at = site.area ? L.polygon(rings(site.area)).getBounds() : L.latLngBounds([place(site.point), place(site.point)]);
    map.setView(at.getCenter(), Math.max(map.getZoom(), 17), { animate: false });
    showSite(site);
  }

  function showVillage(number, at) {
    const village = data.villages[number], list = el("ol");
    (byVillage.get(number) || []).slice(0, 5).forEach(function (site) {
      const row = el("li"), link = el("button", null, `${site.rank}. ${site.id}`);
      link.type = "button";
      link.addEventListener("click", () => goSite(site));
      row.appendChild(link);
      row.appendChild(el("span", "ends", ` ${site.facts[1][1]} · ${site.facts[2][1]}`));
      list.appendChild(row);
    });
    open(at || place(village.point), popupOf(villageName(village), village.facts, village.told, list));
    emphasise(village.area ? rings(village.area) : null);
  }

  function goVillage(number) {
    const village = data.villages[number];
    if (village.area) map.fitBounds(L.polygon(rings(village.area)).getBounds(), { animate: false, padding: [30, 30] });
    else if (village.point) map.setView(place(village.point), Math.max(map.getZoom(), 14), { animate: false });
    if (village.point) showVillage(number);
  }

  /* ------------------------------------------------------------------------------------------------------------ layers */
  const groups = {};
  const group = (name) => (groups[name] = groups[name] || L.layerGroup());

  if (data.relief) L.imageOverlay(data.relief.url, data.relief.bounds, { pane: "relief", interactive: false }).addTo(group("relief"));
  data.villages.forEach(function (village, number) {
    const status = data.statuses[village.status] || data.statuses.unknown;
    const style = { renderer: shapes, color: "#59605f", weight: 0.8, opacity: 0.9, fillColor: status.colour, fillOpacity: status.opacity * 0.75 };
    if (village.status === "below_standard") style.dashArray = "4 3";
    const shape = village.area ? L.polygon(rings(village.area), style) : village.point ? L.circleMarker(place(village.point), { ...style, radius: 6 }) : null;
    if (!shape) return;
    shape.on("click", (event) => { L.DomEvent.stopPropagation(event); showVillage(number, event.latlng); });
    shape.addTo(group("villages"));
  });
  data.roads.forEach((road) => L.polyline(road.lines.map(places), { renderer: under, color: "#fff", weight: road.width + 1.4, opacity: 0.6, interactive: false }).addTo(group("roads")));
  data.roads.forEach((road) => L.polyline(road.lines.map(places), { renderer: under, color: road.colour, weight: road.width, opacity: 0.95, interactive: false }).addTo(group("roads")));
  L.polyline(data.townships.lines.map(places), { renderer: edges, color: "#fff", weight: 3.2, opacity: 0.8, interactive: false }).addTo(group("limits"));
  L.polyline(data.townships.lines.map(places), { renderer: edges, color: "#2d3436", weight: 1.4, interactive: false }).addTo(group("limits"));
  data.townships.names.forEach((town) => town.point && label(town.point, "name town", town.name).addTo(group("limits")));

  function label(point, className, text) {
    return L.marker(place(point), { pane: className === "badge" ? "badges" : "names", interactive: false, keyboard: false,
      icon: L.divIcon({ html: el("div", className, text), className: "", iconSize: null }) });
  }

  const far = L.layerGroup(), near = L.layerGroup();
  data.sites.slice().reverse().forEach(function (site) {
    const first = site.rank === 1 && data.villages[site.village];
    const style = { renderer: shapes, color: site.kind === "new" ? "#4d5658" : "#1f2a2e", weight: site.kind === "new" ? 0.8 : 2.2,
      dashArray: site.kind === "reuse" ? "5 3" : null, fillColor: site.fill, fillOpacity: 0.92, radius: 5 };
    const shape = site.area ? L.polygon(rings(site.area), style) : L.circleMarker(place(site.point), style);
    const clicked = (event) => { L.DomEvent.stopPropagation(event); showSite(site); };
    shape.on("click", clicked).addTo(near);
    if (first) {
      const at = site.area ? shape.getBounds().getCenter() : place(site.point);
      L.circleMarker(at, { renderer: shapes, radius: 3.4, color: "#1f2a2e", weight: 0.8, fillColor: site.fill, fillOpacity: 1 }).on("click", clicked).addTo(far);
    }
  });
  data.venues.forEach(function (venue) {
    L.circleMarker(place(venue.point), { renderer: shapes, radius: 3.2, color: "#fff", weight: 0.8, fillColor: "#1f2a2e", fillOpacity: 1 })
      .on("click", (event) => { L.DomEvent.stopPropagation(event); open(event.latlng, popupOf(venue.name, venue.facts, [])); })
      .addTo(group("venues"));
  });
  data.planned.forEach(function (site) {
    L.circleMarker(place(site.point), { renderer: shapes, radius: 7, color: "#fff", weight: 2, fillColor: data.planned_colour, fillOpacity: 1 })
      .on("click", function (event) {
        L.DomEvent.stopPropagation(event);
        open(event.latlng, popupOf(`${words.planned_site}: ${site.names.join(words.joiner)}`, [[words.site, site.id], ...site.facts], site.told));
      }).addTo(group("planned"));
  });

  /* Names and ranks that are in sight, and only where they can be read. */
  const seen = L.layerGroup().addTo(map);
  function refresh() {
    const zoom = map.getZoom(), view = map.getBounds().pad(0.1), on = (name) => shown[name] !== false;
    const close = zoom >= NEAR;
    if (groups.sites) {
      groups.sites.clearLayers();
      groups.sites.addLayer(close ? near : far);
      ["venues", "planned"].forEach((name) => groups[name] && map.hasLayer(groups[name]) && groups[name].eachLayer((layer) => layer.bringToFront()));
    }
    seen.clearLayers();
    if (close && on("villages")) {
      data.villages.forEach((village) => village.point && view.contains(place(village.point)) && label(village.point, "name village", village.name).addTo(seen));
    }
    if (zoom >= CLOSE && on("sites")) {
      data.sites.forEach(function (site) {
        if (site.rank > 5) return;
        const at = site.area ? [site.area[0][0][0], site.area[0][0][1]] : site.point;
        if (view.contains(place(at))) label(at, "badge", String(site.rank)).addTo(seen);
      });
    }
  }

  /* ------------------------------------------------------------------------------------------------------------- panel */
  const panel = document.getElementById("panel"), shown = {};
  groups.sites = L.layerGroup();
  panel.appendChild(el("h1", null, data.title));
  panel.appendChild(el("p", null, data.basis));
  const search = el("input");
  Object.assign(search, { id: "search", type: "search", placeholder: words.search, autocomplete: "off" });
  search.setAttribute("aria-label", words.search);
  const found = el("ul");
  found.id = "found";
  panel.appendChild(search);
  panel.appendChild(found);

  function result(text, side, act) {
    const row = el("li"), link = el("button", null, text);
    link.type = "button";
    if (side) link.appendChild(el("span", "town", side));
    link.addEventListener("click", act);
    row.appendChild(link);
    found.appendChild(row);
  }
  function look() {
    const wanted = search.value.trim().toLocaleLowerCase();
    found.replaceChildren();
    if (!wanted) return;
    const has = (text) => text.toLocaleLowerCase().includes(wanted);
    const starts = (text) => (text.toLocaleLowerCase().startsWith(wanted) ? 0 : 1);
    const villages = data.villages.map((village, number) => [village, number])
      .filter(([village]) => has(village.name) || has(village.code) || has(village.town))
      .sort((one, two) => starts(one[0].name) - starts(two[0].name));
    villages.slice(0, FOUND).forEach(([village, number]) => result(village.name, village.town, () => goVillage(number)));
    if (wanted.length > 3) data.sites.filter((site) => has(site.id)).slice(0, FOUND - Math.min(villages.length, FOUND)).forEach((site) => result(site.id, "", () => goSite(site)));
    if (!found.children.length) found.appendChild(el("p", null, words.nothing));
  }
  search.addEventListener("input", look);
  search.addEventListener("keydown", (event) => { if (event.key === "Enter" && found.querySelector("button")) found.querySelector("button").click(); });

  panel.appendChild(el("h2", null, words.layers));
  ["planned", "sites", "venues", "villages", "limits", "roads", "relief"].forEach(function (name) {
    if (!groups[name] || (name !== "sites" && !groups[name].getLayers().length)) return;
    const row = el("label", "switch"), box = el("input");
    Object.assign(box, { type: "checkbox", checked: true, id: `layer-${name}` });
    box.addEventListener("change", function () {
      shown[name] = box.checked;
      if (box.checked) groups[name].addTo(map); else groups[name].remove();
      refresh();
    });
    row.appendChild(box);
    row.appendChild(document.createTextNode(words[`layer_${name}`]));
    panel.appendChild(row);
  });
  /* Below first: on one canvas what is added later lies on top. */
  ["relief", "villages", "roads", "limits", "sites", "venues", "planned"].forEach((name) => groups[name] && groups[name].addTo(map));

  panel.appendChild(el("h2", null, words.legend));
  function legend(draw, text, ends) {
    const row = el("div", "legend-row"), box = svg("svg", { width: 56, height: 14 });
    draw(box);
    row.appendChild(box);
    row.appendChild(el("span", null, text));
    if (ends) row.appendChild(el("span", "ends", ends));
    panel.appendChild(row);
  }
  const patch = (fill, opacity, stroke, dash) => (box) => box.appendChild(svg("rect", { x: 1, y: 1.5, width: 30, height: 11, fill: fill, "fill-opacity": opacity, stroke: stroke, "stroke-dasharray": dash || "none" }));
  const dot = (fill, stroke, radius) => (box) => box.appendChild(svg("circle", { cx: 16, cy: 7, r: radius, fill: fill, stroke: stroke, "stroke-width": 1.5 }));
  const ramp = (colours) => (box) => colours.forEach((colour, number) => box.appendChild(svg("rect", { x: 1 + number * 10.8, y: 1.5, width: 10.8, height: 11, fill: colour })));
  if (data.planned.length) legend(dot(data.planned_colour, "#fff", 6), words.planned_site);
  data.ramps.forEach((one) => legend(ramp(one.colours), one.text, data.ends));
  legend(patch("none", 1, "#1f2a2e", "5 3"), words.building);
  if (data.venues.length) legend(dot("#1f2a2e", "#fff", 4.5), words.layer_venues);
  Object.entries(data.statuses).forEach(function ([name, status]) {
    if (data.villages.some((village) => village.status === name)) legend(patch(status.colour, status.opacity, "#59605f", name === "below_standard" ? "4 3" : ""), status.text);
  });
  panel.appendChild(el("h2", null, words.about));
  [data.limit, words.zoom_note, words.reading].forEach((text) => panel.appendChild(el("p", null, text)));

  map.on("moveend zoomend", refresh);
  refresh();
  window.cunzhiMap = { map: map, data: data, goVillage: goVillage, goSite: goSite };
})();
