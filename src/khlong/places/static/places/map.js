// The map of streets, only after the reader asked for it: until then no other host hears of anything.
const place = document.getElementById("streets");
const button = place.querySelector("button");
const area = place.querySelector(".streets");

function show() {
  area.hidden = false;
  button.parentElement.hidden = true;
  const map = L.map(area, {scrollWheelZoom: false, zoomAnimation: false, fadeAnimation: false});
  L.tileLayer(place.dataset.tiles, {attribution: place.dataset.words, maxZoom: 18}).addTo(map);
  const marks = JSON.parse(document.getElementById("marks").textContent);
  for (const mark of marks) {
    const icon = L.divIcon({className: "pin", iconSize: [18, 18]});
    const pin = L.marker(mark.at, {icon, title: mark.name, alt: mark.name}).addTo(map);
    pin.bindTooltip(mark.name, {permanent: true, direction: "right", offset: [8, 0]});
    const go = () => { location.href = mark.url; };
    pin.on("click", go);
    pin.on("keydown", (event) => { if (event.originalEvent.key === "Enter") go(); });
  }
  map.fitBounds(marks.map((mark) => mark.at), {padding: [40, 40]});
}

button.addEventListener("click", () => {
  button.disabled = true;
  const style = Object.assign(document.createElement("link"), {rel: "stylesheet", href: place.dataset.css});
  const script = Object.assign(document.createElement("script"), {src: place.dataset.js, onload: show});
  document.head.append(style, script);
});
place.hidden = false;
