/* Keys before a hall: arrows, page keys and the buttons of a presenter's remote go to the passage before or after. */
(function () {
  "use strict";
  var ways = { ArrowRight: "next", PageDown: "next", ArrowLeft: "prev", PageUp: "prev" };
  document.addEventListener("keydown", function (event) {
    var way = ways[event.key];
    if (!way || event.altKey || event.ctrlKey || event.metaKey) { return; }
    var link = document.querySelector('a[rel="' + way + '"]');
    if (link) { event.preventDefault(); link.click(); }
  });
})();
