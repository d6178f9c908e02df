// When the job is over the page is read again: the frontier is there, or why it is not.
document.addEventListener("htmx:load", () => {
  const steps = document.querySelector("#rebalance-steps .steps");
  if (steps && !steps.matches(".steps-running, .steps-waiting, .steps-failed")) location.reload();
});
