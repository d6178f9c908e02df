// When the job that a page follows is over the page is read again: what it made is there, or why not.
document.addEventListener("htmx:load", () => {
  const steps = document.querySelector("[data-follows-job] .steps");
  if (steps && !steps.matches(".steps-running, .steps-waiting, .steps-failed")) location.reload();
});
