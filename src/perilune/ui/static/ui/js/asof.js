// The as-of picker: a date chosen in the calendar applies at once, a date being typed waits for Enter.
for (const form of document.querySelectorAll("[data-asof]")) {
  const field = form.elements.as_of;
  let typed = false;
  field.addEventListener("keydown", (event) => {
    typed = event.key !== "Enter";
    form.classList.toggle("asof-waiting", typed);
  });
  field.addEventListener("pointerdown", () => { typed = false; });
  field.addEventListener("change", () => { if (!typed && field.value && field.reportValidity()) form.requestSubmit(); });
}
