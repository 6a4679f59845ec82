// After an htmx swap, bring the error summary or the first error to the reader, as a full page load would.
document.addEventListener("htmx:afterSettle", (event) => {
  const summary = event.target.querySelector?.(".errors");
  if (summary) summary.focus();
});
// A form that the server refused (422) is shown, not dropped.
document.addEventListener("htmx:beforeSwap", (event) => {
  const status = event.detail.xhr.status;
  if (status === 422 || status === 409) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});
